/* Time: a layer over a sequence, one batch row after the other, with lengths and direction.
 *
 * Row n has L = lengths[n] steps. Step s reads x[t, n] and writes y[t, n] at
 *     t = s            forward
 *     t = L - 1 - s    reverse: it starts at the row's own end
 */
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* The memory of one row, reused from row to row. */
typedef struct {
    double *h, *c;    /* [T+1, R], [T+1, H or 0]: the states before step 0, 1, .. and after the last */
    double *tape;     /* [T, tape_size], or one record that every step overwrites if tape_stride is 0 */
    size_t tape_stride;
    double *memory;   /* the allocation behind all of them and behind the members below */
    double *dh, *dc;  /* [2, R], [2, H or 0]: gradient after and before a step, exchanged at each */
    double *dx;       /* [I] */
    double *scratch;  /* [scratch_size] */
} trace;

/* The sizes of a call, and where a row's numbers lie. */
typedef struct {
    const fr_ref_cell *cell;
    const fr_ref_params *params;
    const fr_cell_kind *kind;
    int T, N, reverse;
    const int *lengths;
    size_t I, R, H;   /* H is the size of c: 0 for the kinds without one */
} layer;

static const fr_cell_kind *kind_of(const fr_ref_cell *cell) {
    switch (cell->kind) {
    case FR_REF_LSTM: return &fr_lstm;
    case FR_REF_GRU_RESET_AFTER: return &fr_gru_reset_after;
    case FR_REF_GRU_RESET_BEFORE: return &fr_gru_reset_before;
    default: return &fr_simple_rnn;
    }
}

static int length_of(const layer *l, int n) { return l->lengths ? l->lengths[n] : l->T; }

/* The row number in a [T, N, ..] array of step s of batch row n. */
static size_t row_at(const layer *l, int n, int s) {
    int t = l->reverse ? length_of(l, n) - 1 - s : s;
    return (size_t)t * (size_t)l->N + (size_t)n;
}

static int describe(layer *l, const fr_ref_cell *cell, const fr_ref_params *params, int T, int N,
                    const double *x, const int *lengths, int reverse) {
    int status = fr_check(cell, params);
    if (status) return status;
    if (T < 0 || N < 0) return FR_REF_BAD_SIZE;
    if (!x && T > 0 && N > 0) return FR_REF_NULL_ARGUMENT;
    for (int n = 0; lengths && n < N; n++)
        if (lengths[n] < 0 || lengths[n] > T) return FR_REF_BAD_LENGTH;
    *l = (layer){.cell = cell, .params = params, .kind = kind_of(cell), .T = T, .N = N, .reverse = reverse,
                 .lengths = lengths, .I = (size_t)cell->input, .R = (size_t)fr_recurrent_size(cell),
                 .H = cell->kind == FR_REF_LSTM ? (size_t)cell->hidden : 0};
    return FR_REF_OK;
}

static int allocate(trace *r, const layer *l, int keep_tape) {
    size_t states = (size_t)l->T + 1, tape = l->kind->tape_size(l->cell);
    size_t tapes = keep_tape ? (size_t)l->T : 1;
    size_t total = (states + 2) * (l->R + l->H) + tapes * tape + l->I + l->kind->scratch_size(l->cell);
    r->memory = calloc(total, sizeof(double));
    if (!r->memory) return FR_REF_OUT_OF_MEMORY;
    r->h = r->memory;
    r->c = r->h + states * l->R;
    r->tape = r->c + states * l->H;
    r->tape_stride = keep_tape ? tape : 0;
    r->dh = r->tape + tapes * tape;
    r->dc = r->dh + 2 * l->R;
    r->dx = r->dc + 2 * l->H;
    r->scratch = r->dx + l->I;
    return FR_REF_OK;
}

/* to = from [n, size], or 0 if from is absent */
static void load(size_t size, const double *from, size_t n, double *to) {
    for (size_t k = 0; k < size; k++) to[k] = fr_at(from, n * size + k, 0);
}

/* to [n, size] = from, unless to is absent */
static void store(size_t size, const double *from, double *to, size_t n) {
    if (to && size) memcpy(to + n * size, from, size * sizeof(double));
}

static fr_step step_at(const layer *l, const trace *r, const double *x, int n, int s) {
    size_t t = (size_t)s;
    return (fr_step){.x = x + row_at(l, n, s) * l->I, .h = r->h + t * l->R, .c = r->c + t * l->H,
                     .next_h = r->h + (t + 1) * l->R, .next_c = r->c + (t + 1) * l->H,
                     .tape = r->tape + t * r->tape_stride};
}

static void run_row(const layer *l, trace *r, const double *x, const double *h0, const double *c0, int n) {
    load(l->R, h0, (size_t)n, r->h);
    load(l->H, c0, (size_t)n, r->c);
    for (int s = 0; s < length_of(l, n); s++) {
        fr_step step = step_at(l, r, x, n, s);
        l->kind->forward(l->cell, l->params, &step);
    }
}

int fr_ref_forward(const fr_ref_cell *cell, const fr_ref_params *params, int T, int N,
                   const double *x, const int *lengths, int reverse,
                   const double *h0, const double *c0, double *y, double *hT, double *cT) {
    layer l;
    trace r;
    int status = describe(&l, cell, params, T, N, x, lengths, reverse);
    if (!status) status = allocate(&r, &l, 0);
    if (status) return status;

    if (y) fr_zero((size_t)T * (size_t)N * l.R, y);
    for (int n = 0; n < N; n++) {
        size_t last = (size_t)length_of(&l, n);
        run_row(&l, &r, x, h0, c0, n);
        for (int s = 0; s < length_of(&l, n); s++) store(l.R, r.h + ((size_t)s + 1) * l.R, y, row_at(&l, n, s));
        store(l.R, r.h + last * l.R, hT, (size_t)n);
        store(l.H, r.c + last * l.H, cT, (size_t)n);
    }
    free(r.memory);
    return FR_REF_OK;
}

/* Walks the steps of a row from the last to the first: what arrives at h after a step is what the next step sent
 * back plus the step's own dy. */
static void run_row_backward(const layer *l, trace *r, const double *x, const double *dy,
                             const double *dhT, const double *dcT, int n,
                             double *dx, double *dh0, double *dc0, fr_ref_params *grads) {
    double *dnext_h = r->dh, *dh = r->dh + l->R, *dnext_c = r->dc, *dc = r->dc + l->H;
    load(l->R, dhT, (size_t)n, dnext_h);
    load(l->H, dcT, (size_t)n, dnext_c);
    for (int s = length_of(l, n) - 1; s >= 0; s--) {
        size_t row = row_at(l, n, s);
        fr_step step = step_at(l, r, x, n, s);
        fr_step_gradient gradient = {dnext_h, dnext_c, r->dx, dh, dc, r->scratch};

        for (size_t k = 0; k < l->R; k++) dnext_h[k] += fr_at(dy, row * l->R + k, 0);
        fr_zero(l->I, r->dx);
        fr_zero(l->R, dh);
        fr_zero(l->H, dc);
        l->kind->backward(l->cell, l->params, &step, &gradient, grads);
        store(l->I, r->dx, dx, row);

        double *swap = dnext_h;
        dnext_h = dh;
        dh = swap;
        swap = dnext_c;
        dnext_c = dc;
        dc = swap;
    }
    store(l->R, dnext_h, dh0, (size_t)n);
    store(l->H, dnext_c, dc0, (size_t)n);
}

int fr_ref_backward(const fr_ref_cell *cell, const fr_ref_params *params, int T, int N,
                    const double *x, const int *lengths, int reverse, const double *h0, const double *c0,
                    const double *dy, const double *dhT, const double *dcT,
                    double *dx, double *dh0, double *dc0, fr_ref_params *grads) {
    layer l;
    trace r;
    if (!grads) return FR_REF_NULL_ARGUMENT;
    int status = describe(&l, cell, params, T, N, x, lengths, reverse);
    if (!status) status = allocate(&r, &l, 1);
    if (status) return status;

    if (dx) fr_zero((size_t)T * (size_t)N * l.I, dx);
    for (int n = 0; n < N; n++) {
        run_row(&l, &r, x, h0, c0, n);
        run_row_backward(&l, &r, x, dy, dhT, dcT, n, dx, dh0, dc0, grads);
    }
    free(r.memory);
    return FR_REF_OK;
}
