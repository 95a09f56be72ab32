/* Simple RNN (Elman):
 *
 *     a  = b_ih + W x + b_hh + U h      W [H, I], U [H, H]
 *     h' = candidate(a)
 */
#include "internal.h"

/* tape: a [H] */
static size_t tape_size(const fr_ref_cell *cell) { return (size_t)cell->hidden; }

/* scratch: da [H] */
static size_t scratch_size(const fr_ref_cell *cell) { return (size_t)cell->hidden; }

static void forward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step) {
    int I = cell->input, H = cell->hidden;
    double *a = step->tape;

    for (int k = 0; k < H; k++) a[k] = fr_at(params->b_ih, (size_t)k, 0) + fr_at(params->b_hh, (size_t)k, 0);
    fr_multiply_add(H, I, params->w_ih, step->x, a);
    fr_multiply_add(H, H, params->w_hh, step->h, a);
    for (int k = 0; k < H; k++) step->next_h[k] = fr_activate(&cell->candidate, cell->gate_clip, a[k]);
}

/* da = dh' * candidate'(a)
 * dW += da x^T,  dU += da h^T,  db += da,  dx += W^T da,  dh += U^T da */
static void backward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                     const fr_step_gradient *gradient, fr_ref_params *grads) {
    int I = cell->input, H = cell->hidden;
    const double *a = step->tape;
    double *da = gradient->scratch;

    for (int k = 0; k < H; k++)
        da[k] = gradient->dnext_h[k] * fr_activate_derivative(&cell->candidate, cell->gate_clip, a[k]);

    fr_outer_product_add(H, I, da, step->x, grads->w_ih);
    fr_outer_product_add(H, H, da, step->h, grads->w_hh);
    fr_add(H, da, grads->b_ih);
    fr_add(H, da, grads->b_hh);
    fr_multiply_transposed_add(H, I, params->w_ih, da, gradient->dx);
    fr_multiply_transposed_add(H, H, params->w_hh, da, gradient->dh);
}

const fr_cell_kind fr_simple_rnn = {tape_size, scratch_size, forward, backward};
