/* wengert: automatic differentiation of tensor programs.  Record, differentiate, compile, run. */
#ifndef WENGERT_H
#define WENGERT_H

#include <wengert/base.h>
#include <wengert/check.h>
#include <wengert/data.h>
#include <wengert/grad.h>
#include <wengert/look.h>
#include <wengert/op.h>
#include <wengert/ops.h>
#include <wengert/run.h>
#include <wengert/tape.h>

#endif
