/* Checking derivatives by finite differences, in f64.
 * Errors: WG_ERR_CHECK if a derivative is wrong, WG_ERR_NONFINITE if the value is not finite,
 * another status if the model could not be built or run; the report's text says which and why,
 * whatever the status. */
#ifndef WENGERT_CHECK_H
#define WENGERT_CHECK_H

#include <stdio.h>
#include <wengert/base.h>
#include <wengert/op.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Records a model on the tape it is given and returns what is to be differentiated, of any shape;
 * makes its leaves with wg_input and wg_param and feeds the inputs.  NULL means that it failed.
 * It may be called more than once. */
typedef wg_tensor *wg_model(wg_tape *t, void *user);

/* What to check, and how closely.  All zeros, as NULL, are the defaults. */
typedef struct wg_check_options {
    int order;            /* 1 (default): first derivatives; 2: also those of the gradient */
    int64_t max_elements; /* of each leaf, chosen by the seed; 0: 256; negative: every element */
    double tolerance;     /* of |analytic - numeric| / (scale of the derivative); 0: 1e-6.  1e-3 at
                           * least if there are f32 on the tape */
    uint64_t seed;        /* of cotangents, directions and the sample */
} wg_check_options;

/* What was found.  Of each field the worst place is told; text is for people. */
typedef struct wg_check_report {
    bool passed;          /* nothing was found wrong */
    int64_t checked;      /* elements compared: without the kinks and the undecided */
    int64_t kinks;        /* elements left out of the verdict: one-sided derivatives differ
                           * there */
    int64_t undecided;    /* elements that differences cannot tell: judged by applying each op by
                           * itself instead */
    double worst;         /* largest error found, relative to the scale of the derivative;
                           * signed as analytic - numeric */
    int order;            /* where the worst was found: 1 or 2 */
    bool forward;         /* found in the jvp rather than the vjp */
    char leaf[64];        /* name of the leaf, or of an op's input if it was found there:
                           * `input 0 of sqrt#1 ("x")` */
    int64_t element;      /* the element in it; -1: along a random direction */
    wg_shape index;       /* the element's coordinates */
    double analytic, numeric; /* what the rules give there, and the differences */
    char op[64];          /* the op whose rule is wrong, where one is found by itself:
                           * "mul#12", else "" */
    int op_input;         /* which of its inputs */
    char text[1024];      /* all of this as a sentence or two */
} wg_check_report;

/* Builds model(user) on an f64 tape of its own and compares, for every parameter and floating
 * input, the vjp under a random cotangent and the jvp along a random direction with central
 * differences (Richardson extrapolation): each element or a sample of each leaf, and each leaf
 * along a random direction, so that no element is left out.  A step is sized to the element's own
 * magnitude (to a tenth of what is typical of the leaf where the element is 0, to 1 in a leaf of
 * zeros), and shrinks while the extrapolation does not converge; longer ones are tried where
 * roundoff hides the slope.  The gradient is also run again after the model ran elsewhere, and
 * compared at another place.
 * The scale of a derivative is the larger of the two values, but not less than a hundredth of what
 * is typical of its leaf (of derivatives, or of derivatives times magnitudes, whichever is less)
 * nor than what roundoff lets differences resolve.  At a kink the one-sided slopes stay different
 * however short the step: there the value must lie between them, and the rule be right a little
 * aside.  A tie of max or maximum is a kink too where one of the tied moves alone, also if the
 * rule gives half of each side, which is the central difference; it is none where they move
 * together, as in maximum(x, x).
 * A rule is found wrong by itself by applying each op of the graph to the values it has there; so
 * are elements judged that differences cannot tell: where they do not settle, or drown beside
 * others of a leaf whose sizes differ by more than a million.  The report counts them as
 * undecided; applied by itself, an op that differences cannot tell either counts as wrong.
 * A value that depends on no leaf passes, as its differences and derivatives are 0, and the text
 * says so; also where there are no leaves.
 * options may be NULL.  Random draws are held fixed.
 * Cost: six runs of the model for each element compared, up to eighty where something is odd:
 * 784-128-10 with a batch of 10 takes 0.3 s. */
WG_API wg_status wg_check_grad(wg_model *model, void *user, const wg_check_options *options,
                               wg_check_report *report);

/* Checks one op's rule by itself through its .sample, or, for an op without, on vectors and
 * matrices drawn from its domain: inputs that a sample leaves without values get them from the
 * domain of the argument that their name tells (x0, x1, x2; others by their order).
 * Without options at both orders, if the rule's own ops have rules. */
WG_API wg_status wg_check_op(const wg_op *op, const wg_check_options *options,
                             wg_check_report *report);

#ifdef __cplusplus
}
#endif
#endif
