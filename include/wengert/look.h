/* Looking at what was recorded.
 * Errors: WG_ERR_ARGUMENT for NULL or tensors of several tapes, WG_ERR_IO if the file cannot be written, WG_ERR_MEMORY. */
#ifndef WENGERT_LOOK_H
#define WENGERT_LOOK_H

#include <stdio.h>
#include <wengert/base.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The graph that leads to the outputs in Graphviz's dot language: inputs, parameters, constants and ops told apart, names and shapes,
 * adjoint nodes in another colour; a node without inputs and of one value shows it in place of its op, edges into a node of several
 * inputs are numbered in the order of wg_inputs_of.  A legend is part of the picture.  `dot -Tsvg` draws it. */
WG_API wg_status wg_write_dot(int n, wg_tensor *const *outputs, FILE *out);

#ifdef __cplusplus
}
#endif
#endif
