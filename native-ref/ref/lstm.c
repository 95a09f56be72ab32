/* LSTM with all its options. G = 4 gates i f g o, or G = 3 gates i g o when coupled.
 *
 *     a  = LN(W x) + LN(U h) + b_ih + b_hh     W [G*H, I], U [G*H, R], a [G*H]; LN only with layer_norm,
 *                                              over the whole vector of G*H
 *     i  = gate(a_i + p_i * c)
 *     f  = gate(a_f + p_f * c)                 coupled: f = 1 - i
 *     g  = candidate(a_g)
 *     c' = clamp(f * c + i * g, cell_clip)
 *     o  = gate(a_o + p_o * c')
 *     m  = o * output(LN(c'))                  [H]; the stored c' is not normalized
 *     h' = W_hr m, or m without projection     W_hr [P, H]
 */
#include "internal.h"

/* What forward leaves for backward. In a and its two products the slots are the G gates of the weights;
 * i, f, g and o always exist. */
typedef struct {
    double *wx, *uh;        /* [G*H] W x, U h before LN */
    double *wx_n, *uh_n;    /* [G*H] the same after LN */
    double *a;              /* [G*H] with the peepholes */
    double *i, *f, *g, *o;  /* [H] */
    double *raw_c;          /* [H] c' before cell_clip */
    double *c_n;            /* [H] LN(c') */
    double *m;              /* [H] */
} tape_view;

/* Where each gate's slot starts in a vector of G*H, and each peephole in a vector of 3*H or 2*H.
 * Without a forget gate of its own, f and p_f are -1. */
typedef struct {
    int i, f, g, o, p_i, p_f, p_o;
} slots;

static slots slots_of(const fr_ref_cell *cell) {
    int H = cell->hidden;
    return cell->coupled ? (slots){0, -1, H, 2 * H, 0, -1, H} : (slots){0, H, 2 * H, 3 * H, 0, H, 2 * H};
}

static size_t tape_size(const fr_ref_cell *cell) {
    return (5 * (size_t)fr_gates(cell) + 7) * (size_t)cell->hidden;
}

static tape_view view(const fr_ref_cell *cell, double *tape) {
    size_t H = (size_t)cell->hidden, GH = (size_t)fr_gates(cell) * H;
    double *vectors = tape + 5 * GH;
    return (tape_view){.wx = tape, .uh = tape + GH, .wx_n = tape + 2 * GH, .uh_n = tape + 3 * GH, .a = tape + 4 * GH,
                       .i = vectors, .f = vectors + H, .g = vectors + 2 * H, .o = vectors + 3 * H,
                       .raw_c = vectors + 4 * H, .c_n = vectors + 5 * H, .m = vectors + 6 * H};
}

/* scratch: da [G*H], dv [G*H] and four vectors [H] */
static size_t scratch_size(const fr_ref_cell *cell) {
    return (2 * (size_t)fr_gates(cell) + 4) * (size_t)cell->hidden;
}

static double peephole(const fr_ref_params *params, int slot, int k) {
    return fr_at(params->peephole, (size_t)(slot + k), 0);
}

/* a = LN(W x) + LN(U h) + b_ih + b_hh */
static void pre_activations(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step, tape_view t) {
    int GH = fr_gates(cell) * cell->hidden;
    fr_blocks whole = {1, {GH}};

    fr_zero((size_t)GH, t.wx);
    fr_zero((size_t)GH, t.uh);
    fr_multiply_add(GH, cell->input, params->w_ih, step->x, t.wx);
    fr_multiply_add(GH, fr_recurrent_size(cell), params->w_hh, step->h, t.uh);
    fr_normalize(cell, whole, t.wx, params->ln_ih_gamma, params->ln_ih_beta, t.wx_n);
    fr_normalize(cell, whole, t.uh, params->ln_hh_gamma, params->ln_hh_beta, t.uh_n);
    for (int k = 0; k < GH; k++)
        t.a[k] = t.wx_n[k] + t.uh_n[k] + fr_at(params->b_ih, (size_t)k, 0) + fr_at(params->b_hh, (size_t)k, 0);
}

static void forward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step) {
    int H = cell->hidden;
    double clip = cell->gate_clip;
    const double *c = step->c;
    double *next_c = step->next_c;
    slots s = slots_of(cell);
    tape_view t = view(cell, step->tape);

    pre_activations(cell, params, step, t);
    for (int k = 0; k < H; k++) {
        double *a = t.a + k;
        a[s.i] += peephole(params, s.p_i, k) * c[k];
        if (!cell->coupled) a[s.f] += peephole(params, s.p_f, k) * c[k];

        t.i[k] = fr_activate(&cell->gate, clip, a[s.i]);
        t.f[k] = cell->coupled ? 1 - t.i[k] : fr_activate(&cell->gate, clip, a[s.f]);
        t.g[k] = fr_activate(&cell->candidate, clip, a[s.g]);
        t.raw_c[k] = t.f[k] * c[k] + t.i[k] * t.g[k];
        next_c[k] = fr_clamp(t.raw_c[k], cell->cell_clip);

        a[s.o] += peephole(params, s.p_o, k) * next_c[k];
        t.o[k] = fr_activate(&cell->gate, clip, a[s.o]);
    }

    fr_normalize(cell, (fr_blocks){1, {H}}, next_c, params->ln_c_gamma, params->ln_c_beta, t.c_n);
    for (int k = 0; k < H; k++) t.m[k] = t.o[k] * fr_activate(&cell->output, clip, t.c_n[k]);

    int R = fr_recurrent_size(cell);
    fr_zero((size_t)R, step->next_h);
    if (cell->projection)
        fr_multiply_add(R, H, params->w_hr, t.m, step->next_h);
    else
        fr_add(H, t.m, step->next_h);
}

/* From da [G*H] to the products, the weights, the biases, x and h. dv [G*H] is scratch:
 *     d(W x) = LN'(da):  dW += d(W x) x^T,  dx += W^T d(W x)      and the same for U h. */
static void pre_activations_backward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                                     tape_view t, const double *da, double *dv,
                                     const fr_step_gradient *gradient, fr_ref_params *grads) {
    int GH = fr_gates(cell) * cell->hidden, I = cell->input, R = fr_recurrent_size(cell);
    fr_blocks whole = {1, {GH}};

    fr_add(GH, da, grads->b_ih);
    fr_add(GH, da, grads->b_hh);

    fr_normalize_backward(cell, whole, t.wx, params->ln_ih_gamma, da, dv, grads->ln_ih_gamma, grads->ln_ih_beta);
    fr_outer_product_add(GH, I, dv, step->x, grads->w_ih);
    fr_multiply_transposed_add(GH, I, params->w_ih, dv, gradient->dx);

    fr_normalize_backward(cell, whole, t.uh, params->ln_hh_gamma, da, dv, grads->ln_hh_gamma, grads->ln_hh_beta);
    fr_outer_product_add(GH, R, dv, step->h, grads->w_hh);
    fr_multiply_transposed_add(GH, R, params->w_hh, dv, gradient->dh);
}

static void backward(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                     const fr_step_gradient *gradient, fr_ref_params *grads) {
    int H = cell->hidden, GH = fr_gates(cell) * H;
    double clip = cell->gate_clip;
    const double *c = step->c, *next_c = step->next_c;
    slots s = slots_of(cell);
    tape_view t = view(cell, step->tape);
    double *da = gradient->scratch, *dv = da + GH;
    double *dm = dv + GH, *do_ = dm + H, *dc_n = do_ + H, *dnext_c = dc_n + H;

    /* h' = W_hr m:  dm = W_hr^T dh',  dW_hr += dh' m^T */
    fr_zero((size_t)H, dm);
    if (cell->projection) {
        fr_multiply_transposed_add(cell->projection, H, params->w_hr, gradient->dnext_h, dm);
        fr_outer_product_add(cell->projection, H, gradient->dnext_h, t.m, grads->w_hr);
    } else {
        fr_add(H, gradient->dnext_h, dm);
    }

    /* m = o * output(LN(c')):  do = dm * output(..),  d LN(c') = dm * o * output'(..) */
    for (int k = 0; k < H; k++) {
        do_[k] = dm[k] * fr_activate(&cell->output, clip, t.c_n[k]);
        dc_n[k] = dm[k] * t.o[k] * fr_activate_derivative(&cell->output, clip, t.c_n[k]);
    }
    fr_normalize_backward(cell, (fr_blocks){1, {H}}, next_c, params->ln_c_gamma, dc_n, dnext_c,
                          grads->ln_c_gamma, grads->ln_c_beta);

    for (int k = 0; k < H; k++) {
        const double *a = t.a + k;
        double *da_k = da + k;

        /* o = gate(a_o + p_o * c'); all paths into c' meet here */
        da_k[s.o] = do_[k] * fr_activate_derivative(&cell->gate, clip, a[s.o]);
        fr_add_at(grads->peephole, (size_t)(s.p_o + k), da_k[s.o] * next_c[k]);
        double dc = gradient->dnext_c[k] + dnext_c[k] + da_k[s.o] * peephole(params, s.p_o, k);
        if (fr_is_clamped(t.raw_c[k], cell->cell_clip)) dc = 0;

        /* c' = f * c + i * g; coupled: df flows into i with a minus, as f = 1 - i */
        double df = dc * c[k];
        double di = dc * t.g[k] - (cell->coupled ? df : 0);
        double dg = dc * t.i[k];
        gradient->dc[k] += dc * t.f[k];

        da_k[s.g] = dg * fr_activate_derivative(&cell->candidate, clip, a[s.g]);
        da_k[s.i] = di * fr_activate_derivative(&cell->gate, clip, a[s.i]);
        gradient->dc[k] += da_k[s.i] * peephole(params, s.p_i, k);
        fr_add_at(grads->peephole, (size_t)(s.p_i + k), da_k[s.i] * c[k]);
        if (!cell->coupled) {
            da_k[s.f] = df * fr_activate_derivative(&cell->gate, clip, a[s.f]);
            gradient->dc[k] += da_k[s.f] * peephole(params, s.p_f, k);
            fr_add_at(grads->peephole, (size_t)(s.p_f + k), da_k[s.f] * c[k]);
        }
    }
    pre_activations_backward(cell, params, step, t, da, dv, gradient, grads);
}

const fr_cell_kind fr_lstm = {tape_size, scratch_size, forward, backward};
