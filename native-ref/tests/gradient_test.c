/* Every gradient of every cell and option against central differences.
 *
 *     loss(p) = sum(y * wy) + sum(hT * wh) + sum(cT * wc)     with random wy, wh, wc
 *     dloss/dp[k] = (loss(p[k] + e) - loss(p[k] - e)) / (2 e)
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "cases.h"
#include "random.h"

static const double epsilon = 1e-6;

/* Of the largest gradient in the same tensor. A difference quotient carries a rounding error of about
 * 2^-53 * |loss| / epsilon = 1e-10 * |loss|, so a tensor whose gradients are all below 1e-3 is measured against 1e-3. */
static const double tolerance = 1e-6;
static const double smallest_scale = 1e-3;

enum { MAX_NUMBERS = 4096, TENSORS = 15, SHAPES_PER_CASE = 20 };

/* One tensor that the loss depends on, and its gradient. */
typedef struct {
    const char *name;
    int size;
    double *value, *gradient;
} tensor;

typedef struct {
    const char *name;
    fr_ref_cell cell;
    fr_ref_params params, grads;
    int T, N, R, reverse;
    int lengths[4], has_lengths;
    double *x, *h0, *c0, *dx, *dh0, *dc0, *wy, *wh, *wc, *y, *hT, *cT;
    tensor tensors[TENSORS];
    int tensor_count;
    double memory[MAX_NUMBERS];
    int used;
    uint64_t random;
} problem;

static double *numbers(problem *p, int size, double low, double high) {
    double *v = p->memory + p->used;
    p->used += size;
    if (p->used > MAX_NUMBERS) return NULL;
    for (int k = 0; k < size; k++) v[k] = uniform(&p->random, low, high);
    return v;
}

/* Adds a random tensor under test, with a zero gradient. */
static void add(problem *p, const char *name, int size, double low, double high, double **value, double **gradient) {
    *value = numbers(p, size, low, high);
    *gradient = numbers(p, size, 0, 0);
    p->tensors[p->tensor_count++] = (tensor){name, size, *value, *gradient};
}

static void make(problem *p, const test_case *test, uint64_t seed) {
    memset(p, 0, sizeof *p);
    p->random = seed;
    p->name = test->name;
    p->cell = test->cell;
    int H = p->cell.hidden = between(&p->random, 2, 5), I = p->cell.input = between(&p->random, 1, 4);
    if (test->cell.projection) p->cell.projection = between(&p->random, 1, 3);
    int R = p->R = p->cell.projection ? p->cell.projection : H;
    int T = p->T = between(&p->random, 1, 5), N = p->N = between(&p->random, 1, 4);
    int is_lstm = p->cell.kind == FR_REF_LSTM;
    int G = p->cell.kind == FR_REF_SIMPLE_RNN ? 1 : is_lstm && !p->cell.coupled ? 4 : 3;
    p->reverse = (int)(seed & 1);
    p->has_lengths = (int)(seed >> 1 & 1);
    for (int n = 0; n < N; n++) p->lengths[n] = between(&p->random, 0, T);

    fr_ref_params *v = &p->params, *g = &p->grads;
    add(p, "w_ih", G * H * I, -0.8, 0.8, &v->w_ih, &g->w_ih);
    add(p, "w_hh", G * H * R, -0.8, 0.8, &v->w_hh, &g->w_hh);
    if (test->parameters & BIAS) {
        add(p, "b_ih", G * H, -0.5, 0.5, &v->b_ih, &g->b_ih);
        add(p, "b_hh", G * H, -0.5, 0.5, &v->b_hh, &g->b_hh);
    }
    if (test->parameters & PEEPHOLE)
        add(p, "peephole", (G - 1) * H, -0.8, 0.8, &v->peephole, &g->peephole);
    if (p->cell.projection) add(p, "w_hr", R * H, -0.8, 0.8, &v->w_hr, &g->w_hr);
    if (test->parameters & LN_AFFINE) {
        add(p, "ln_ih_gamma", G * H, 0.5, 1.5, &v->ln_ih_gamma, &g->ln_ih_gamma);
        add(p, "ln_ih_beta", G * H, -0.3, 0.3, &v->ln_ih_beta, &g->ln_ih_beta);
        add(p, "ln_hh_gamma", G * H, 0.5, 1.5, &v->ln_hh_gamma, &g->ln_hh_gamma);
        add(p, "ln_hh_beta", G * H, -0.3, 0.3, &v->ln_hh_beta, &g->ln_hh_beta);
        if (is_lstm) {
            add(p, "ln_c_gamma", H, 0.5, 1.5, &v->ln_c_gamma, &g->ln_c_gamma);
            add(p, "ln_c_beta", H, -0.3, 0.3, &v->ln_c_beta, &g->ln_c_beta);
        }
    }
    add(p, "x", T * N * I, -1, 1, &p->x, &p->dx);
    add(p, "h0", N * R, -0.8, 0.8, &p->h0, &p->dh0);
    if (is_lstm) {
        add(p, "c0", N * H, -0.8, 0.8, &p->c0, &p->dc0);
        p->wc = numbers(p, N * H, -1, 1);
        p->cT = numbers(p, N * H, 0, 0);
    }
    p->wy = numbers(p, T * N * R, -1, 1);
    p->wh = numbers(p, N * R, -1, 1);
    p->y = numbers(p, T * N * R, 0, 0);
    p->hT = numbers(p, N * R, 0, 0);
}

static double dot(int size, const double *a, const double *b) {
    double sum = 0;
    for (int k = 0; k < size; k++) sum += a[k] * b[k];
    return sum;
}

static double loss(problem *p) {
    const int *lengths = p->has_lengths ? p->lengths : NULL;
    int status = fr_ref_forward(&p->cell, &p->params, p->T, p->N, p->x, lengths, p->reverse, p->h0, p->c0, p->y, p->hT, p->cT);
    if (status) return NAN;
    double sum = dot(p->T * p->N * p->R, p->y, p->wy) + dot(p->N * p->R, p->hT, p->wh);
    return p->cT ? sum + dot(p->N * p->cell.hidden, p->cT, p->wc) : sum;
}

/* The largest difference between the gradient and the difference quotients of one tensor, relative to the largest of
 * either. */
static double relative_error(problem *p, const tensor *t) {
    double difference = 0, scale = smallest_scale;
    for (int k = 0; k < t->size; k++) {
        double value = t->value[k];
        t->value[k] = value + epsilon;
        double above = loss(p);
        t->value[k] = value - epsilon;
        double below = loss(p);
        t->value[k] = value;
        double quotient = (above - below) / (2 * epsilon);
        double error = fabs(quotient - t->gradient[k]);
        if (!(error <= difference)) difference = error; /* keeps a NaN */
        scale = fmax(scale, fmax(fabs(quotient), fabs(t->gradient[k])));
    }
    return difference / scale;
}

typedef struct {
    double worst;
    int tensors, failures;
} tally;

static void check(const test_case *test, uint64_t seed, tally *total) {
    static problem p;
    make(&p, test, seed);
    const int *lengths = p.has_lengths ? p.lengths : NULL;
    int status = p.used > MAX_NUMBERS ? -1 : fr_ref_backward(&p.cell, &p.params, p.T, p.N, p.x, lengths, p.reverse, p.h0, p.c0,
                                                             p.wy, p.wh, p.wc, p.dx, p.dh0, p.dc0, &p.grads);
    if (status) {
        printf("%s: fr_ref_backward returned %d\n", test->name, status);
        total->failures++;
        return;
    }
    fr_ref_params nothing = {0};
    status = fr_ref_backward(&p.cell, &p.params, p.T, p.N, p.x, lengths, p.reverse, p.h0, p.c0,
                             NULL, NULL, NULL, NULL, NULL, NULL, &nothing);
    if (status) {
        printf("%s: fr_ref_backward refuses NULL for gradients that are 0 or not wanted\n", test->name);
        total->failures++;
    }
    for (int k = 0; k < p.tensor_count; k++) {
        double error = relative_error(&p, &p.tensors[k]);
        total->tensors++;
        if (!(error <= total->worst)) total->worst = error;
        if (!(error <= tolerance)) {
            total->failures++;
            printf("FAILED %s: gradient of %s: relative error %.2e > %.0e (T=%d N=%d I=%d H=%d R=%d reverse=%d lengths=%d)\n",
                   test->name, p.tensors[k].name, error, tolerance, p.T, p.N, p.cell.input, p.cell.hidden, p.R,
                   p.reverse, p.has_lengths);
        }
    }
}

/* The four combinations of direction and lengths come round every four seeds. */
static void check_shapes(const test_case *test, int shapes, uint64_t first_seed, tally *total) {
    for (int k = 0; k < 4 * shapes; k++) check(test, first_seed + (uint64_t)k, total);
}

int main(void) {
    tally total = {0, 0, 0};
    for (int k = 0; k < TEST_CASES; k++) {
        tally one = {0, 0, 0};
        check_shapes(&test_cases[k], SHAPES_PER_CASE, 1000 * (uint64_t)k, &one);
        printf("%-52s %4d tensors, worst relative error %.1e\n", test_cases[k].name, one.tensors, one.worst);
        total.worst = fmax(total.worst, one.worst);
        total.tensors += one.tensors;
        total.failures += one.failures;
    }

    /* Every activation in every place of the four kinds. */
    tally places = {0, 0, 0};
    const fr_ref_cell cells[] = {{RNN}, {LSTM}, {GRU_AFTER}, {GRU_BEFORE}};
    for (int kind = 0; kind < 4; kind++)
        for (int a = 0; a < ACTIVATIONS; a++)
            for (int place = 0; place < 3; place++) {
                test_case test = {"every activation in every place", cells[kind], BIAS};
                fr_ref_activation *slots[] = {&test.cell.gate, &test.cell.candidate, &test.cell.output};
                *slots[place] = activations[a];
                check_shapes(&test, 1, (uint64_t)(100000 + 1000 * (kind * ACTIVATIONS + a) + 4 * place), &places);
            }
    printf("%-52s %4d tensors, worst relative error %.1e\n", "every activation in every place", places.tensors, places.worst);

    total.worst = fmax(total.worst, places.worst);
    total.tensors += places.tensors;
    total.failures += places.failures;
    printf("%d gradient tensors, worst relative error %.1e, %d failures\n", total.tensors, total.worst, total.failures);
    return total.failures != 0;
}
