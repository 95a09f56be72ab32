/* The live speed peer: one recurrent layer of oneDNN 2.x in single precision, used the way someone who wants speed
 * would: weights are reordered once into the format that oneDNN prefers, and x and y are used where they lie.
 *
 * Layouts are PyTorch's: x [T, N, I], y [T, N, H], w_ih [G*H, I], w_hh [G*H, H], b_ih and b_hh [G*H],
 * gates i f g o (LSTM) and r z n (GRU). A handle serves one thread at a time. */
#ifndef FASTRECURRENT_ONEDNN_H
#define FASTRECURRENT_ONEDNN_H

#if defined(_WIN32)
#define FR_ONEDNN_API __declspec(dllexport)
#else
#define FR_ONEDNN_API __attribute__((visibility("default")))
#endif

#ifdef __cplusplus
extern "C" {
#endif

enum { FR_ONEDNN_OK = 0, FR_ONEDNN_FAILED = 1 /* fr_onednn_last_error tells why */ };

/* The same numbers as fr_ref_cell.kind: tanh RNN, LSTM, "linear before reset" GRU, vanilla GRU. */
enum { FR_ONEDNN_SIMPLE_RNN = 0, FR_ONEDNN_LSTM = 1, FR_ONEDNN_GRU_RESET_AFTER = 2, FR_ONEDNN_GRU_RESET_BEFORE = 3 };

/* Where backward leaves its results; overwritten, NULL = not wanted. */
typedef struct {
    float *dx;            /* [T, N, I] */
    float *dh0, *dc0;     /* [N, H]; dc0 of the LSTM only */
    float *dw_ih, *dw_hh; /* [G*H, I], [G*H, H] */
    float *db_ih, *db_hh; /* [G*H] */
} fr_onednn_gradients;

/* A layer for exactly these sizes. b_ih and b_hh may be NULL = 0. training != 0 prepares fr_onednn_backward too.
 * Returns NULL if it fails. Set the number of threads first: oneDNN plans for it here. */
FR_ONEDNN_API void *fr_onednn_create(int kind, int training, int T, int N, int I, int H,
                                     const float *w_ih, const float *w_hh, const float *b_ih, const float *b_hh);
FR_ONEDNN_API void fr_onednn_destroy(void *peer);

/* Copies the state that every later forward starts from; NULL = 0, which is also the state after create. */
FR_ONEDNN_API int fr_onednn_set_state(void *peer, const float *h0, const float *c0);

/* hT and cT [N, H] may be NULL; cT is written by the LSTM only. */
FR_ONEDNN_API int fr_onednn_forward(void *peer, const float *x, float *y, float *hT, float *cT);

/* The gradients of the latest forward of a training handle; x and y are that forward's, unchanged.
 * dhT and dcT [N, H] may be NULL = 0. */
FR_ONEDNN_API int fr_onednn_backward(void *peer, const float *x, const float *y,
                                     const float *dy, const float *dhT, const float *dcT,
                                     const fr_onednn_gradients *gradients);

/* omp_set_num_threads for the calling thread, the one that then has to create and run the layer. */
FR_ONEDNN_API void fr_onednn_set_threads(int threads);

FR_ONEDNN_API const char *fr_onednn_version(void);    /* as "2.6.3" */
FR_ONEDNN_API const char *fr_onednn_last_error(void); /* of the calling thread; "" if there was none */

#ifdef __cplusplus
}
#endif

#endif
