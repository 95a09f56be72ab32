/* What the files of the reference share. A cell is one file: one time step of one batch row, forward and backward.
 * sequence.c knows time, rows, lengths and direction, and nothing about cells. */
#ifndef FASTRECURRENT_REF_INTERNAL_H
#define FASTRECURRENT_REF_INTERNAL_H

#include <stddef.h>

#include "fastrecurrent_ref.h"

/* One time step of one row: what enters it, what leaves it, what its backward needs. */
typedef struct {
    const double *x;         /* [I] */
    const double *h, *c;     /* [R], [H] */
    double *next_h, *next_c; /* [R], [H] */
    double *tape;            /* [tape_size] written by forward, read by backward */
} fr_step;

/* The gradients of one time step. dx, dh and dc are accumulated into. */
typedef struct {
    const double *dnext_h, *dnext_c; /* [R], [H] */
    double *dx, *dh, *dc;            /* [I], [R], [H] */
    double *scratch;                 /* [scratch_size] */
} fr_step_gradient;

/* A kind of cell. grads follows the rule of fr_ref_backward: accumulated into, NULL members not wanted. */
typedef struct {
    size_t (*tape_size)(const fr_ref_cell *cell);
    size_t (*scratch_size)(const fr_ref_cell *cell);
    void (*forward)(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step);
    void (*backward)(const fr_ref_cell *cell, const fr_ref_params *params, const fr_step *step,
                     const fr_step_gradient *gradient, fr_ref_params *grads);
} fr_cell_kind;

extern const fr_cell_kind fr_simple_rnn, fr_lstm, fr_gru_reset_after, fr_gru_reset_before;

/* cell.c: what a descriptor means. */
int fr_gates(const fr_ref_cell *cell);           /* G */
int fr_recurrent_size(const fr_ref_cell *cell);  /* R */
int fr_check(const fr_ref_cell *cell, const fr_ref_params *params); /* FR_REF_OK or what is wrong */

/* gemm.c: the three products of one row. W is [rows, columns]. */
void fr_multiply_add(int rows, int columns, const double *w, const double *x, double *y);             /* y += W x */
void fr_multiply_transposed_add(int rows, int columns, const double *w, const double *y, double *x);  /* x += W^T y */
void fr_outer_product_add(int rows, int columns, const double *y, const double *x, double *w);        /* W += y x^T */

/* vector.c: vectors of which NULL may stand for "absent". */
const double *fr_offset(const double *v, size_t offset);     /* v + offset, or NULL */
double *fr_gradient_offset(double *v, size_t offset);        /* v + offset, or NULL */
double fr_at(const double *v, size_t index, double absent);  /* v[index], or the value of an absent vector */
void fr_add_at(double *v, size_t index, double value);       /* v[index] += value, unless absent */
void fr_add(int size, const double *values, double *v);      /* v += values, unless absent */
void fr_zero(size_t size, double *v);

/* activations.c: activation(clamp(a, -clip, clip)) and its derivative by a; clip 0 = none. */
double fr_activate(const fr_ref_activation *activation, double clip, double a);
double fr_activate_derivative(const fr_ref_activation *activation, double clip, double a);
double fr_clamp(double a, double clip);
int fr_is_clamped(double a, double clip);

/* layer_norm.c: normalizes consecutive blocks of v, each on its own; copies v if the cell has no layer_norm.
 * gamma and beta are as long as all the blocks together. */
typedef struct {
    int count;
    int sizes[2];
} fr_blocks;

void fr_normalize(const fr_ref_cell *cell, fr_blocks blocks, const double *v,
                  const double *gamma, const double *beta, double *out);
/* dv is overwritten; dgamma and dbeta are accumulated into. */
void fr_normalize_backward(const fr_ref_cell *cell, fr_blocks blocks, const double *v, const double *gamma,
                           const double *dout, double *dv, double *dgamma, double *dbeta);

#endif
