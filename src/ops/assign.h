/* The op behind wg_assign, which execution knows by its record. */
#ifndef WG_OPS_ASSIGN_H
#define WG_OPS_ASSIGN_H

#include <wengert/op.h>

enum { WG_ASSIGN_VALUE, WG_ASSIGN_LEAF }; /* its inputs */
extern const wg_op wg_assign_op;

#endif
