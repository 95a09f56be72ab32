/* FastRecurrent reference: recurrent cells in double precision, written as plain loops.
 *
 * It is the oracle of the C# tests and the scalar baseline of the benches. It is meant to be read next to the
 * equations, so it takes one batch row and one time step at a time and never tries to be fast.
 *
 * Letters: T time steps, N batch rows, I input size, H hidden size, P projection size, R = P or H the size of the
 * recurrent state h, G gates. All matrices are row-major, all sequences are time-major: x [T, N, I], y [T, N, R].
 */
#ifndef FASTRECURRENT_REF_H
#define FASTRECURRENT_REF_H

#if defined(_WIN32)
#define FR_REF_API __declspec(dllexport)
#else
#define FR_REF_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* What every function returns. */
enum {
    FR_REF_OK = 0,
    FR_REF_NULL_ARGUMENT = 1,   /* a required pointer is NULL: cell, params, w_ih, w_hh, grads, x unless T or N
                                   is 0, w_hr with a projection, a matrix of fr_ref_gemm */
    FR_REF_BAD_SIZE = 2,        /* T, N or projection < 0; input or hidden < 1; a gemm size < 0 */
    FR_REF_BAD_KIND = 3,        /* kind is none of FR_REF_SIMPLE_RNN .. FR_REF_GRU_RESET_BEFORE */
    FR_REF_BAD_ACTIVATION = 4,  /* an activation this kind uses is none of FR_REF_SIGMOID .. FR_REF_SOFTPLUS */
    FR_REF_BAD_OPTION = 5,      /* an option or parameter that this kind does not have; a clip or epsilon below 0 or NaN */
    FR_REF_BAD_LENGTH = 6,      /* a row's length lies outside 0 .. T */
    FR_REF_OUT_OF_MEMORY = 7
};

enum { FR_REF_SIMPLE_RNN = 0, FR_REF_LSTM = 1, FR_REF_GRU_RESET_AFTER = 2, FR_REF_GRU_RESET_BEFORE = 3 };

/* The formulas are ONNX's (operator RNN); alpha and beta are taken as given, there are no defaults. */
enum {
    FR_REF_SIGMOID = 0,           /* 1 / (1 + exp(-a)) */
    FR_REF_TANH = 1,              /* tanh(a) */
    FR_REF_RELU = 2,              /* max(0, a) */
    FR_REF_AFFINE = 3,            /* alpha * a + beta */
    FR_REF_LEAKY_RELU = 4,        /* a if a >= 0, else alpha * a */
    FR_REF_THRESHOLDED_RELU = 5,  /* a if a >= alpha, else 0 */
    FR_REF_SCALED_TANH = 6,       /* alpha * tanh(beta * a) */
    FR_REF_HARD_SIGMOID = 7,      /* min(max(alpha * a + beta, 0), 1) */
    FR_REF_ELU = 8,               /* a if a >= 0, else alpha * (exp(a) - 1) */
    FR_REF_SOFTSIGN = 9,          /* a / (1 + |a|) */
    FR_REF_SOFTPLUS = 10          /* log(1 + exp(a)) */
};

typedef struct {
    int kind;
    double alpha, beta;
} fr_ref_activation;

typedef struct {
    int kind;           /* FR_REF_SIMPLE_RNN .. FR_REF_GRU_RESET_BEFORE */
    int input, hidden;  /* I, H */
    int projection;     /* P, 0 = none (LSTM) */
    int coupled;        /* LSTM: f = 1 - i; the gates are then i g o */
    int layer_norm;     /* LSTM and reset-after GRU */
    double gate_clip;   /* 0 = none: clamps the input of every activation, also the c that enters the output
                           activation of an LSTM, but not the c that is stored */
    double cell_clip;   /* LSTM, 0 = none: clamps the stored c */
    double ln_epsilon;
    fr_ref_activation gate;       /* LSTM i f o, GRU r z */
    fr_ref_activation candidate;  /* LSTM g, GRU n, and the simple RNN's only activation */
    fr_ref_activation output;     /* LSTM, on c */
} fr_ref_cell;

/* Parameters, or the gradients of parameters. Gate order: LSTM i f g o, coupled LSTM i g o, GRU r z n.
 * As parameters, NULL means absent: zero, or one for a gamma. As gradients, NULL means not wanted. */
typedef struct {
    double *w_ih;         /* [G*H, I] */
    double *w_hh;         /* [G*H, R] */
    double *b_ih, *b_hh;  /* [G*H] */
    double *peephole;     /* LSTM: [3*H] in the order i f o; coupled [2*H]: i o */
    double *w_hr;         /* LSTM: [P, H] */
    double *ln_ih_gamma, *ln_ih_beta, *ln_hh_gamma, *ln_hh_beta;  /* [G*H] */
    double *ln_c_gamma, *ln_c_beta;                               /* LSTM: [H] */
} fr_ref_params;

/* C[m,n] = A[m,k] * B[k,n], added to what C holds if accumulate is not 0. */
FR_REF_API int fr_ref_gemm(int m, int n, int k, const double *a, const double *b, double *c, int accumulate);

/* Runs one layer in one direction over x [T, N, I].
 *
 * lengths [N] (NULL = all T): after a row's end y is 0, the final state is the row's last valid one, and reverse
 * starts at the row's own end. A row of length 0 keeps its initial state.
 * h0 [N, R] and c0 [N, H] may be NULL = 0. Of y [T, N, R], hT [N, R], cT [N, H], what is NULL is not written.
 * c0, cT and their gradients belong to the LSTM; the other kinds neither read nor write them. */
FR_REF_API int fr_ref_forward(const fr_ref_cell *cell, const fr_ref_params *params, int T, int N,
                              const double *x, const int *lengths, int reverse,
                              const double *h0, const double *c0,
                              double *y, double *hT, double *cT);

/* The gradients of fr_ref_forward, through all time steps. Recomputes the forward pass itself.
 *
 * dy [T, N, R], dhT [N, R], dcT [N, H] are the gradients that arrive, NULL = 0; dy after a row's end is not read.
 * dx [T, N, I], dh0 [N, R], dc0 [N, H] are overwritten, NULL = not wanted.
 * grads is accumulated into: the caller zeroes it; members that are NULL are not wanted. */
FR_REF_API int fr_ref_backward(const fr_ref_cell *cell, const fr_ref_params *params, int T, int N,
                               const double *x, const int *lengths, int reverse,
                               const double *h0, const double *c0,
                               const double *dy, const double *dhT, const double *dcT,
                               double *dx, double *dh0, double *dc0, fr_ref_params *grads);

#ifdef __cplusplus
}
#endif

#endif
