/* Layer normalization of one vector (Ba, Kiros, Hinton 2016):
 *
 *     mean = sum(v) / K        var = sum((v - mean)^2) / K        s = 1 / sqrt(var + epsilon)
 *     u    = (v - mean) * s    out = u * gamma + beta
 */
#include <math.h>

#include "internal.h"

typedef struct {
    double mean, s;
} statistics;

static statistics measure(int size, const double *v, double epsilon) {
    double mean = 0, variance = 0;
    for (int k = 0; k < size; k++) mean += v[k] / size;
    for (int k = 0; k < size; k++) variance += (v[k] - mean) * (v[k] - mean) / size;
    return (statistics){mean, 1 / sqrt(variance + epsilon)};
}

static void forward(int size, double epsilon, const double *v, const double *gamma, const double *beta, double *out) {
    statistics m = measure(size, v, epsilon);
    for (int k = 0; k < size; k++)
        out[k] = (v[k] - m.mean) * m.s * fr_at(gamma, (size_t)k, 1) + fr_at(beta, (size_t)k, 0);
}

/* dgamma += dout * u      dbeta += dout      du = dout * gamma
 * dv = s * (du - mean(du) - u * mean(du * u)) */
static void backward(int size, double epsilon, const double *v, const double *gamma,
                     const double *dout, double *dv, double *dgamma, double *dbeta) {
    statistics m = measure(size, v, epsilon);
    double mean_du = 0, mean_du_u = 0;
    for (int k = 0; k < size; k++) {
        double u = (v[k] - m.mean) * m.s;
        double du = dout[k] * fr_at(gamma, (size_t)k, 1);
        mean_du += du / size;
        mean_du_u += du * u / size;
        fr_add_at(dgamma, (size_t)k, dout[k] * u);
        fr_add_at(dbeta, (size_t)k, dout[k]);
    }
    for (int k = 0; k < size; k++) {
        double u = (v[k] - m.mean) * m.s;
        double du = dout[k] * fr_at(gamma, (size_t)k, 1);
        dv[k] = m.s * (du - mean_du - u * mean_du_u);
    }
}

static void copy(int size, const double *from, double *to) {
    for (int k = 0; k < size; k++) to[k] = from[k];
}

void fr_normalize(const fr_ref_cell *cell, fr_blocks blocks, const double *v,
                  const double *gamma, const double *beta, double *out) {
    size_t start = 0;
    for (int b = 0; b < blocks.count; b++) {
        int size = blocks.sizes[b];
        if (cell->layer_norm)
            forward(size, cell->ln_epsilon, v + start, fr_offset(gamma, start), fr_offset(beta, start), out + start);
        else
            copy(size, v + start, out + start);
        start += (size_t)size;
    }
}

void fr_normalize_backward(const fr_ref_cell *cell, fr_blocks blocks, const double *v, const double *gamma,
                           const double *dout, double *dv, double *dgamma, double *dbeta) {
    size_t start = 0;
    for (int b = 0; b < blocks.count; b++) {
        int size = blocks.sizes[b];
        if (cell->layer_norm)
            backward(size, cell->ln_epsilon, v + start, fr_offset(gamma, start), dout + start, dv + start,
                     fr_gradient_offset(dgamma, start), fr_gradient_offset(dbeta, start));
        else
            copy(size, dout + start, dv + start);
        start += (size_t)size;
    }
}
