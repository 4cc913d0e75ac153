/* The op behind wg_checkpoint, which execution knows by its record: the value, then each input
 * behind a stop_gradient. */
#ifndef WG_OPS_CHECKPOINT_H
#define WG_OPS_CHECKPOINT_H

#include <wengert/op.h>

extern const wg_op wg_checkpoint_op;

#endif
