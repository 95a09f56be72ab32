/* GRU, reset before the recurrent product (Cho et al. 2014, ONNX linear_before_reset = 0). Gates r z n.
 *
 *     a  = b_ih + b_hh + W x       W [3*H, I], U [3*H, H], a [3*H]
 *     r  = gate(a_r + U_r h)
 *     z  = gate(a_z + U_z h)
 *     q  = r * h
 *     n  = candidate(a_n + U_n q)
 *     h' = (1 - z) * n + z * h
 */
#include "internal.h"

/* tape: a [3*H] with the recurrent products, y [3*H] = r, z, n, and q [H] */
static size_t tape_size(const fr_ref_cell *cell) { return 7 * (size_t)cell->hidden; }

/* scratch: da [3*H] and dq [H] */
static size_t scratch_size(const fr_ref_cell *cell) { return 4 * (size_t)cell->hidden; }

static void forward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step) {
    int I = cell->input, H = cell->hidden, GH = 3 * H;
    double clip = cell->gate_clip;
    const double *u_n = params->w_hh + (size_t)(2 * H) * (size_t)H;
    double *a = step->tape, *y = a + GH, *q = y + GH;

    for (int k = 0; k < GH; k++) a[k] = fr_at(params->b_ih, (size_t)k, 0) + fr_at(params->b_hh, (size_t)k, 0);
    fr_multiply_add(GH, I, params->w_ih, step->x, a);
    fr_multiply_add(2 * H, H, params->w_hh, step->h, a);
    for (int k = 0; k < 2 * H; k++) y[k] = fr_activate(&cell->gate, clip, a[k]);

    for (int k = 0; k < H; k++) q[k] = y[k] * step->h[k];
    fr_multiply_add(H, H, u_n, q, a + 2 * H);
    for (int k = 0; k < H; k++) {
        int z = H + k, n = 2 * H + k;
        y[n] = fr_activate(&cell->candidate, clip, a[n]);
        step->next_h[k] = (1 - y[z]) * y[n] + y[z] * step->h[k];
    }
}

static void backward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                     const fr_step_gradient *gradient, fr_ref_params *grads) {
    int I = cell->input, H = cell->hidden, GH = 3 * H;
    double clip = cell->gate_clip;
    size_t n_rows = (size_t)(2 * H) * (size_t)H; /* where U_n starts in U */
    const double *a = step->tape, *y = a + GH, *q = y + GH;
    double *da = gradient->scratch, *dq = da + GH;

    /* h' = (1 - z) * n + z * h:   dz = dh' * (h - n)   dn = dh' * (1 - z)   dh += dh' * z */
    for (int k = 0; k < H; k++) {
        int z = H + k, n = 2 * H + k;
        double dh = gradient->dnext_h[k];
        da[z] = dh * (step->h[k] - y[n]) * fr_activate_derivative(&cell->gate, clip, a[z]);
        da[n] = dh * (1 - y[z]) * fr_activate_derivative(&cell->candidate, clip, a[n]);
        gradient->dh[k] += dh * y[z];
    }

    /* a_n = .. + U_n q, q = r * h:   dq = U_n^T da_n   dr = dq * h   dh += dq * r */
    fr_zero((size_t)H, dq);
    fr_multiply_transposed_add(H, H, params->w_hh + n_rows, da + 2 * H, dq);
    for (int r = 0; r < H; r++) {
        da[r] = dq[r] * step->h[r] * fr_activate_derivative(&cell->gate, clip, a[r]);
        gradient->dh[r] += dq[r] * y[r];
    }

    fr_add(GH, da, grads->b_ih);
    fr_add(GH, da, grads->b_hh);
    fr_outer_product_add(GH, I, da, step->x, grads->w_ih);
    fr_multiply_transposed_add(GH, I, params->w_ih, da, gradient->dx);
    fr_outer_product_add(2 * H, H, da, step->h, grads->w_hh);
    fr_outer_product_add(H, H, da + 2 * H, q, fr_gradient_offset(grads->w_hh, n_rows));
    fr_multiply_transposed_add(2 * H, H, params->w_hh, da, gradient->dh);
}

const fr_cell_kind fr_gru_reset_before = {tape_size, scratch_size, forward, backward};
