/* All operators, family by family. */
#ifndef WENGERT_OPS_H
#define WENGERT_OPS_H

#include <wengert/contract.h>
#include <wengert/effect.h>
#include <wengert/elementwise.h>
#include <wengert/index.h>
#include <wengert/layout.h>
#include <wengert/loss.h>
#include <wengert/random.h>
#include <wengert/reduce.h>

#endif
