/* GRU, reset after the recurrent product (PyTorch, cuDNN, ONNX linear_before_reset = 1). Gates r z n.
 *
 *     u  = LN(W x) + b_ih             W [3*H, I], U [3*H, H]; LN only with layer_norm, once over the (r, z) block
 *     v  = LN(U h) + b_hh             of 2*H and once over the n block of H
 *     r  = gate(u_r + v_r)
 *     z  = gate(u_z + v_z)
 *     n  = candidate(u_n + r * v_n)
 *     h' = (1 - z) * n + z * h
 */
#include "internal.h"

/* What forward leaves for backward: every member [3*H] in the order r z n. */
typedef struct {
    double *wx, *uh; /* W x, U h before LN */
    double *u, *v;
    double *a;       /* inputs of the activations */
    double *y;       /* r, z, n */
} tape_view;

static size_t tape_size(const fr_ref_cell *cell) { return 18 * (size_t)cell->hidden; }

static tape_view view(const fr_ref_cell *cell, double *tape) {
    size_t GH = 3 * (size_t)cell->hidden;
    return (tape_view){tape, tape + GH, tape + 2 * GH, tape + 3 * GH, tape + 4 * GH, tape + 5 * GH};
}

/* scratch: du, dv, and the gradient of one product, [3*H] each */
static size_t scratch_size(const fr_ref_cell *cell) { return 9 * (size_t)cell->hidden; }

static fr_blocks blocks_of(const fr_ref_cell *cell) { return (fr_blocks){2, {2 * cell->hidden, cell->hidden}}; }

static void forward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step) {
    int I = cell->input, H = cell->hidden, GH = 3 * H;
    double clip = cell->gate_clip;
    tape_view t = view(cell, step->tape);

    fr_zero((size_t)GH, t.wx);
    fr_zero((size_t)GH, t.uh);
    fr_multiply_add(GH, I, params->w_ih, step->x, t.wx);
    fr_multiply_add(GH, H, params->w_hh, step->h, t.uh);
    fr_normalize(cell, blocks_of(cell), t.wx, params->ln_ih_gamma, params->ln_ih_beta, t.u);
    fr_normalize(cell, blocks_of(cell), t.uh, params->ln_hh_gamma, params->ln_hh_beta, t.v);
    if (params->b_ih) fr_add(GH, params->b_ih, t.u);
    if (params->b_hh) fr_add(GH, params->b_hh, t.v);

    for (int k = 0; k < H; k++) {
        int r = k, z = H + k, n = 2 * H + k;
        t.a[r] = t.u[r] + t.v[r];
        t.y[r] = fr_activate(&cell->gate, clip, t.a[r]);
        t.a[z] = t.u[z] + t.v[z];
        t.y[z] = fr_activate(&cell->gate, clip, t.a[z]);
        t.a[n] = t.u[n] + t.y[r] * t.v[n];
        t.y[n] = fr_activate(&cell->candidate, clip, t.a[n]);
        step->next_h[k] = (1 - t.y[z]) * t.y[n] + t.y[z] * step->h[k];
    }
}

static void backward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                     const fr_step_gradient *gradient, fr_ref_params *grads) {
    int I = cell->input, H = cell->hidden, GH = 3 * H;
    double clip = cell->gate_clip;
    tape_view t = view(cell, step->tape);
    double *du = gradient->scratch, *dv = du + GH, *dproduct = dv + GH;

    /* h' = (1 - z) * n + z * h:   dz = dh' * (h - n)   dn = dh' * (1 - z)   dh += dh' * z
     * a_n = u_n + r * v_n:        du_n = da_n          dv_n = da_n * r      dr = da_n * v_n
     * a_r = u_r + v_r, a_z alike: du = dv = da */
    for (int k = 0; k < H; k++) {
        int r = k, z = H + k, n = 2 * H + k;
        double dh = gradient->dnext_h[k];
        double da_n = dh * (1 - t.y[z]) * fr_activate_derivative(&cell->candidate, clip, t.a[n]);
        double da_z = dh * (step->h[k] - t.y[n]) * fr_activate_derivative(&cell->gate, clip, t.a[z]);
        double da_r = da_n * t.v[n] * fr_activate_derivative(&cell->gate, clip, t.a[r]);
        gradient->dh[k] += dh * t.y[z];
        du[r] = dv[r] = da_r;
        du[z] = dv[z] = da_z;
        du[n] = da_n;
        dv[n] = da_n * t.y[r];
    }
    fr_add(GH, du, grads->b_ih);
    fr_add(GH, dv, grads->b_hh);

    /* d(W x) = LN'(du):  dW += d(W x) x^T,  dx += W^T d(W x)      and the same for U h with dv */
    fr_normalize_backward(cell, blocks_of(cell), t.wx, params->ln_ih_gamma, du, dproduct,
                          grads->ln_ih_gamma, grads->ln_ih_beta);
    fr_outer_product_add(GH, I, dproduct, step->x, grads->w_ih);
    fr_multiply_transposed_add(GH, I, params->w_ih, dproduct, gradient->dx);

    fr_normalize_backward(cell, blocks_of(cell), t.uh, params->ln_hh_gamma, dv, dproduct,
                          grads->ln_hh_gamma, grads->ln_hh_beta);
    fr_outer_product_add(GH, H, dproduct, step->h, grads->w_hh);
    fr_multiply_transposed_add(GH, H, params->w_hh, dproduct, gradient->dh);
}

const fr_cell_kind fr_gru_reset_after = {tape_size, scratch_size, forward, backward};
