/* The forward pass against the equations written a second time, element by element, and against the laws of
 * lengths and direction. The equations here know one step, sigmoid and tanh only. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "random.h"

/* Both sides are sums of a few dozen doubles of size 1, in different orders. */
static const double tolerance = 1e-13;
static int failures;

static void expect(int condition, const char *what, const char *where) {
    if (condition) return;
    failures++;
    printf("FAILED %s: %s\n", where, what);
}

enum { I = 3, H = 4, P = 2, T = 5, N = 3, MAX_GATES = 4 };

/* ---- the equations, one element at a time ---- */

typedef struct {
    const fr_ref_cell *cell;
    const fr_ref_params *p;
    const double *x, *h, *c;
    int R;
} point;

static double optional(const double *v, int k, double absent) { return v ? v[k] : absent; }
static double clipped(double a, double clip) { return clip > 0 ? fmin(fmax(a, -clip), clip) : a; }
static double sigma(const point *q, double a) { return 1 / (1 + exp(-clipped(a, q->cell->gate_clip))); }
static double tangent(const point *q, double a) { return tanh(clipped(a, q->cell->gate_clip)); }

static double normalized(const point *q, const double *v, int first, int size, int k,
                         const double *gamma, const double *beta) {
    double mean = 0, square = 0;
    for (int j = first; j < first + size; j++) mean += v[j] / size, square += v[j] * v[j] / size;
    double u = (v[k] - mean) / sqrt(square - mean * mean + q->cell->ln_epsilon);
    return u * optional(gamma, k, 1) + optional(beta, k, 0);
}

/* Element k of W v, layer-normalized over [first, first + size) if the cell wants it. */
static double product(const point *q, const double *w, const double *v, int columns, int first, int size, int k,
                      const double *gamma, const double *beta) {
    double all[MAX_GATES * H] = {0};
    for (int j = first; j < first + size; j++)
        for (int s = 0; s < columns; s++) all[j] += w[j * columns + s] * v[s];
    return q->cell->layer_norm ? normalized(q, all, first, size, k, gamma, beta) : all[k];
}

static double from_input(const point *q, int first, int size, int k) {
    return product(q, q->p->w_ih, q->x, I, first, size, k, q->p->ln_ih_gamma, q->p->ln_ih_beta) + optional(q->p->b_ih, k, 0);
}

static double from_state(const point *q, int first, int size, int k) {
    return product(q, q->p->w_hh, q->h, q->R, first, size, k, q->p->ln_hh_gamma, q->p->ln_hh_beta) + optional(q->p->b_hh, k, 0);
}

/* Element k of W x + U h with biases, normalized over [0, size). */
static double sums(const point *q, int size, int k) { return from_input(q, 0, size, k) + from_state(q, 0, size, k); }

static void rnn_step(const point *q, double *next_h) {
    for (int k = 0; k < H; k++) next_h[k] = tangent(q, sums(q, H, k));
}

static void lstm_step(const point *q, double *next_h, double *next_c) {
    int coupled = q->cell->coupled, all = (coupled ? 3 : 4) * H;
    double o[H], m[H];
    for (int k = 0; k < H; k++) {
        int gi = k, gf = H + k, gg = (coupled ? H : 2 * H) + k, go = gg + H;
        int pf = H + k, po = (coupled ? H : 2 * H) + k;
        const double *p = q->p->peephole;
        double i = sigma(q, sums(q, all, gi) + optional(p, k, 0) * q->c[k]);
        double f = coupled ? 1 - i : sigma(q, sums(q, all, gf) + optional(p, pf, 0) * q->c[k]);
        double g = tangent(q, sums(q, all, gg));
        next_c[k] = clipped(f * q->c[k] + i * g, q->cell->cell_clip);
        o[k] = sigma(q, sums(q, all, go) + optional(p, po, 0) * next_c[k]);
    }
    for (int k = 0; k < H; k++) {
        double shown = next_c[k];
        if (q->cell->layer_norm) shown = normalized(q, next_c, 0, H, k, q->p->ln_c_gamma, q->p->ln_c_beta);
        m[k] = o[k] * tangent(q, shown);
    }
    for (int k = 0; k < q->R; k++) {
        next_h[k] = q->cell->projection ? 0 : m[k];
        for (int s = 0; q->cell->projection && s < H; s++) next_h[k] += q->p->w_hr[k * H + s] * m[s];
    }
}

static void gru_step(const point *q, double *next_h) {
    double r[H], reset_h[H];
    for (int k = 0; k < H; k++) {
        r[k] = sigma(q, sums(q, 2 * H, k));
        reset_h[k] = r[k] * q->h[k];
    }
    point reset = *q;
    reset.h = reset_h;
    for (int k = 0; k < H; k++) {
        int gn = 2 * H + k;
        double z = sigma(q, sums(q, 2 * H, H + k));
        double recurrent = q->cell->kind == FR_REF_GRU_RESET_AFTER ? r[k] * from_state(q, 2 * H, H, gn)
                                                                   : from_state(&reset, 2 * H, H, gn);
        next_h[k] = (1 - z) * tangent(q, from_input(q, 2 * H, H, gn) + recurrent) + z * q->h[k];
    }
}

/* ---- the tests ---- */

static double *fill(double *v, int size, uint64_t *random) {
    for (int k = 0; k < size; k++) v[k] = uniform(random, -0.9, 0.9);
    return v;
}

static double distance(const double *a, const double *b, int size) {
    double largest = 0;
    for (int k = 0; k < size; k++) largest = fmax(largest, fabs(a[k] - b[k]));
    return largest;
}

/* A layer with random parameters, large enough for every kind. */
typedef struct {
    fr_ref_cell cell;
    fr_ref_params params;
    int R;
    double w_ih[4 * H * I], w_hh[4 * H * H], vectors[6][4 * H], peephole[3 * H], w_hr[P * H], ln_c[2][H];
    double x[T * N * I], h0[N * H], c0[N * H];
} layer;

static void make(layer *l, const test_case *test, uint64_t random) {
    l->cell = test->cell;
    l->cell.input = I;
    l->cell.hidden = H;
    l->cell.projection = test->cell.projection ? P : 0;
    l->R = l->cell.projection ? P : H;
    memset(&l->params, 0, sizeof l->params);
    fr_ref_params *p = &l->params;
    p->w_ih = fill(l->w_ih, 4 * H * I, &random);
    p->w_hh = fill(l->w_hh, 4 * H * H, &random);
    if (test->parameters & BIAS) {
        p->b_ih = fill(l->vectors[0], 4 * H, &random);
        p->b_hh = fill(l->vectors[1], 4 * H, &random);
    }
    if (test->parameters & PEEPHOLE) p->peephole = fill(l->peephole, 3 * H, &random);
    if (l->cell.projection) p->w_hr = fill(l->w_hr, P * H, &random);
    if (test->parameters & LN_AFFINE) {
        p->ln_ih_gamma = fill(l->vectors[2], 4 * H, &random);
        p->ln_ih_beta = fill(l->vectors[3], 4 * H, &random);
        p->ln_hh_gamma = fill(l->vectors[4], 4 * H, &random);
        p->ln_hh_beta = fill(l->vectors[5], 4 * H, &random);
        if (l->cell.kind == FR_REF_LSTM) {
            p->ln_c_gamma = fill(l->ln_c[0], H, &random);
            p->ln_c_beta = fill(l->ln_c[1], H, &random);
        }
    }
    fill(l->x, T * N * I, &random);
    fill(l->h0, N * H, &random);
    fill(l->c0, N * H, &random);
}

static void one_step_equals_the_equations(const test_case *test, uint64_t seed) {
    layer l;
    double y[H], hT[H], cT[H] = {0}, next_h[H], next_c[H] = {0};
    make(&l, test, seed);
    point q = {&l.cell, &l.params, l.x, l.h0, l.c0, l.R};
    if (l.cell.kind == FR_REF_SIMPLE_RNN) rnn_step(&q, next_h);
    else if (l.cell.kind == FR_REF_LSTM) lstm_step(&q, next_h, next_c);
    else gru_step(&q, next_h);
    int status = fr_ref_forward(&l.cell, &l.params, 1, 1, l.x, NULL, 0, l.h0, l.c0, y, hT, cT);
    expect(status == FR_REF_OK && distance(y, next_h, l.R) <= tolerance && distance(hT, next_h, l.R) <= tolerance &&
           distance(cT, next_c, H) <= tolerance, "one step equals the equations", test->name);
}

/* A batch with lengths, in reverse, against each row alone, shortened, turned round, and fed step by step. */
static void a_row_with_a_length_equals_the_short_sequence_alone(const test_case *test, uint64_t seed, int reverse) {
    const int lengths[N] = {T, 0, 3};
    layer l;
    double y[T * N * H], hT[N * H], cT[N * H] = {0}, wanted[T * N * H] = {0};
    make(&l, test, seed);
    int R = l.R, is_lstm = l.cell.kind == FR_REF_LSTM, same = 1;
    expect(!fr_ref_forward(&l.cell, &l.params, T, N, l.x, lengths, reverse, l.h0, l.c0, y, hT, cT), "runs", test->name);
    for (int n = 0; n < N; n++) {
        double h[H], c[H];
        memcpy(h, l.h0 + n * R, sizeof(double) * (size_t)R);
        memcpy(c, l.c0 + n * H, sizeof c);
        for (int s = 0; s < lengths[n]; s++) {
            int row = (reverse ? lengths[n] - 1 - s : s) * N + n;
            fr_ref_forward(&l.cell, &l.params, 1, 1, l.x + row * I, NULL, 0, h, c, wanted + row * R, h, c);
        }
        same &= distance(h, hT + n * R, R) == 0 && (!is_lstm || distance(c, cT + n * H, H) == 0);
    }
    expect(same && distance(y, wanted, T * N * R) == 0, "a row with a length equals the short sequence alone", test->name);
}

/* Values of the ONNX formulas at -2, 0.25 and 1.5, computed elsewhere, in the order and with the alpha and beta of
 * cases.h. */
static void activations_equal_the_onnx_formulas(void) {
    static const double x[3] = {-2, 0.25, 1.5};
    static const double wanted[ACTIVATIONS][3] = {
        {0.1192029220221175, 0.5621765008857981, 0.8175744761936437},
        {-0.9640275800758169, 0.2449186624037091, 0.9051482536448664},
        {0, 0.25, 1.5},
        {-1.3, 0.275, 1.15},
        {-0.4, 0.25, 1.5},
        {0, 0, 1.5},
        {-1.083750989115802, 0.1935505437103134, 0.9311872312587318},
        {0, 0.6, 1},
        {-0.6917317734107099, 0.25, 1.5},
        {-0.6666666666666666, 0.2, 0.6},
        {0.1269280110429726, 0.8259394198788436, 1.701413277982752},
    };
    double one = 1, zero = 0, y[3];
    for (int k = 0; k < ACTIVATIONS; k++) {
        fr_ref_cell cell = {.kind = FR_REF_SIMPLE_RNN, .input = 1, .hidden = 1, .candidate = activations[k]};
        fr_ref_params params = {.w_ih = &one, .w_hh = &zero};
        int status = fr_ref_forward(&cell, &params, 3, 1, x, NULL, 0, NULL, NULL, y, NULL, NULL);
        expect(!status && distance(y, wanted[k], 3) <= tolerance, "activations equal the ONNX formulas", "activation");
    }
}

static void gemm_multiplies_and_accumulates(void) {
    const double a[6] = {1, 2, 3, 4, 5, 6}, b[6] = {1, 0, 2, -1, 0, 3};
    const double product_ab[4] = {5, 7, 14, 13}, twice[4] = {10, 14, 28, 26};
    double c[4] = {NAN, NAN, NAN, NAN};
    expect(!fr_ref_gemm(2, 2, 3, a, b, c, 0) && distance(c, product_ab, 4) == 0, "overwrites", "gemm");
    expect(!fr_ref_gemm(2, 2, 3, a, b, c, 1) && distance(c, twice, 4) == 0, "accumulates", "gemm");
    expect(fr_ref_gemm(-1, 2, 3, a, b, c, 0) == FR_REF_BAD_SIZE, "refuses a negative size", "gemm");
}

static int status_of(const layer *l, int steps, const int *lengths) {
    double y[T * N * H];
    return fr_ref_forward(&l->cell, &l->params, steps, N, l->x, lengths, 0, NULL, NULL, y, NULL, NULL);
}

static void mistakes_are_named(void) {
    const test_case gru = {"gru", {GRU_BEFORE}, BIAS};
    const int too_long[N] = {1, T + 1, 0};
    layer l, good;
    make(&good, &gru, 7);
    expect(status_of(&good, T, NULL) == FR_REF_OK && status_of(&good, 0, NULL) == FR_REF_OK, "accepts", "status");
    expect(status_of(&good, -1, NULL) == FR_REF_BAD_SIZE, "refuses a negative T", "status");
    expect(status_of(&good, T, too_long) == FR_REF_BAD_LENGTH, "refuses a length above T", "status");
    l = good, l.cell.kind = 4;
    expect(status_of(&l, T, NULL) == FR_REF_BAD_KIND, "refuses an unknown kind", "status");
    l = good, l.cell.gate.kind = 11;
    expect(status_of(&l, T, NULL) == FR_REF_BAD_ACTIVATION, "refuses an unknown activation", "status");
    l = good, l.cell.gate_clip = -1;
    expect(status_of(&l, T, NULL) == FR_REF_BAD_OPTION, "refuses a negative clip", "status");
    l = good, l.cell.layer_norm = 1;
    expect(status_of(&l, T, NULL) == FR_REF_BAD_OPTION, "refuses an option that the kind does not have", "status");
    l = good, l.params.w_hh = NULL;
    expect(status_of(&l, T, NULL) == FR_REF_NULL_ARGUMENT, "refuses missing weights", "status");
}

int main(void) {
    for (int k = 0; k < TEST_CASES; k++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            one_step_equals_the_equations(&test_cases[k], seed);
            a_row_with_a_length_equals_the_short_sequence_alone(&test_cases[k], seed, 0);
            a_row_with_a_length_equals_the_short_sequence_alone(&test_cases[k], seed, 1);
        }
    activations_equal_the_onnx_formulas();
    gemm_multiplies_and_accumulates();
    mistakes_are_named();
    printf("%d cases, %d activations, %d failures\n", TEST_CASES, ACTIVATIONS, failures);
    return failures != 0;
}
