/* Small vectors, of which NULL may stand for "absent". */
#include "internal.h"

const double *fr_offset(const double *v, size_t offset) { return v ? v + offset : NULL; }

double *fr_gradient_offset(double *v, size_t offset) { return v ? v + offset : NULL; }

double fr_at(const double *v, size_t index, double absent) { return v ? v[index] : absent; }

void fr_add_at(double *v, size_t index, double value) {
    if (v) v[index] += value;
}

void fr_add(int size, const double *values, double *v) {
    if (!v) return;
    for (int k = 0; k < size; k++) v[k] += values[k];
}

void fr_zero(size_t size, double *v) {
    for (size_t k = 0; k < size; k++) v[k] = 0;
}
