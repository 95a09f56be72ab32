/* Activations and their derivatives, with the clamp that ONNX calls "clip" in front of them. */
#include <math.h>

#include "internal.h"

double fr_clamp(double a, double clip) {
    if (clip == 0) return a;
    return a > clip ? clip : a < -clip ? -clip : a;
}

int fr_is_clamped(double a, double clip) { return clip != 0 && fabs(a) > clip; }

static double sigmoid(double a) { return 1 / (1 + exp(-a)); }

/* y = activation(clamp(a)) */
double fr_activate(const fr_ref_activation *activation, double clip, double a) {
    double alpha = activation->alpha, beta = activation->beta;
    a = fr_clamp(a, clip);
    switch (activation->kind) {
    case FR_REF_SIGMOID: return sigmoid(a);
    case FR_REF_TANH: return tanh(a);
    case FR_REF_RELU: return a > 0 ? a : 0;
    case FR_REF_AFFINE: return alpha * a + beta;
    case FR_REF_LEAKY_RELU: return a >= 0 ? a : alpha * a;
    case FR_REF_THRESHOLDED_RELU: return a >= alpha ? a : 0;
    case FR_REF_SCALED_TANH: return alpha * tanh(beta * a);
    case FR_REF_HARD_SIGMOID: return fmin(fmax(alpha * a + beta, 0), 1);
    case FR_REF_ELU: return a >= 0 ? a : alpha * expm1(a);
    case FR_REF_SOFTSIGN: return a / (1 + fabs(a));
    case FR_REF_SOFTPLUS: return a > 0 ? a + log1p(exp(-a)) : log1p(exp(a)); /* neither exp overflows */
    default: return NAN; /* fr_check lets no other kind through */
    }
}

/* dy/da: 0 where the clamp holds, else the derivative of the activation. */
double fr_activate_derivative(const fr_ref_activation *activation, double clip, double a) {
    double alpha = activation->alpha, beta = activation->beta;
    if (fr_is_clamped(a, clip)) return 0;
    switch (activation->kind) {
    case FR_REF_SIGMOID: { double y = sigmoid(a); return y * (1 - y); }
    case FR_REF_TANH: { double y = tanh(a); return 1 - y * y; }
    case FR_REF_RELU: return a > 0;
    case FR_REF_AFFINE: return alpha;
    case FR_REF_LEAKY_RELU: return a >= 0 ? 1 : alpha;
    case FR_REF_THRESHOLDED_RELU: return a >= alpha;
    case FR_REF_SCALED_TANH: { double y = tanh(beta * a); return alpha * beta * (1 - y * y); }
    case FR_REF_HARD_SIGMOID: { double y = alpha * a + beta; return y > 0 && y < 1 ? alpha : 0; }
    case FR_REF_ELU: return a >= 0 ? 1 : alpha * exp(a);
    case FR_REF_SOFTSIGN: { double d = 1 + fabs(a); return 1 / (d * d); }
    case FR_REF_SOFTPLUS: return sigmoid(a);
    default: return NAN;
    }
}
