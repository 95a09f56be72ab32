/* Matrix products, row-major, one multiplication after the other. */
#include "internal.h"

/* C[r,s] = sum over q of A[r,q] * B[q,s]   (+ C[r,s]) */
int fr_ref_gemm(int m, int n, int k, const double *a, const double *b, double *c, int accumulate) {
    if (m < 0 || n < 0 || k < 0) return FR_REF_BAD_SIZE;
    if (!a || !b || !c) return FR_REF_NULL_ARGUMENT;
    for (size_t r = 0; r < (size_t)m; r++) {
        double *c_row = c + r * (size_t)n;
        if (!accumulate) fr_zero((size_t)n, c_row);
        for (size_t q = 0; q < (size_t)k; q++) {
            double a_rq = a[r * (size_t)k + q];
            const double *b_row = b + q * (size_t)n;
            for (size_t s = 0; s < (size_t)n; s++) c_row[s] += a_rq * b_row[s];
        }
    }
    return FR_REF_OK;
}

/* y[r] += sum over s of W[r,s] * x[s] */
void fr_multiply_add(int rows, int columns, const double *w, const double *x, double *y) {
    for (int r = 0; r < rows; r++) {
        const double *w_row = w + (size_t)r * (size_t)columns;
        for (int s = 0; s < columns; s++) y[r] += w_row[s] * x[s];
    }
}

/* x[s] += sum over r of W[r,s] * y[r] */
void fr_multiply_transposed_add(int rows, int columns, const double *w, const double *y, double *x) {
    for (int r = 0; r < rows; r++) {
        const double *w_row = w + (size_t)r * (size_t)columns;
        for (int s = 0; s < columns; s++) x[s] += w_row[s] * y[r];
    }
}

/* W[r,s] += y[r] * x[s] */
void fr_outer_product_add(int rows, int columns, const double *y, const double *x, double *w) {
    if (!w) return;
    for (int r = 0; r < rows; r++) {
        double *w_row = w + (size_t)r * (size_t)columns;
        for (int s = 0; s < columns; s++) w_row[s] += y[r] * x[s];
    }
}
