// The C functions: no exception leaves them.
#include <omp.h>

#include <exception>
#include <stdexcept>
#include <string>

#include "peer.hpp"

static thread_local std::string last_error;

template <class Action>
static int guarded(Action action) {
    try {
        action();
        return FR_ONEDNN_OK;
    } catch (const std::exception& e) {
        last_error = e.what();
    } catch (...) {
        last_error = "unknown exception";
    }
    return FR_ONEDNN_FAILED;
}

static fastrecurrent::Peer& open(void* peer) {
    if (!peer) throw std::invalid_argument("the handle is NULL");
    return *static_cast<fastrecurrent::Peer*>(peer);
}

void* fr_onednn_create(int kind, int training, int T, int N, int I, int H,
                       const float* w_ih, const float* w_hh, const float* b_ih, const float* b_hh) {
    fastrecurrent::Peer* peer = nullptr;
    guarded([&] { peer = new fastrecurrent::Peer({kind, training != 0, T, N, I, H}, w_ih, w_hh, b_ih, b_hh); });
    return peer;
}

void fr_onednn_destroy(void* peer) { delete static_cast<fastrecurrent::Peer*>(peer); }

int fr_onednn_set_state(void* peer, const float* h0, const float* c0) {
    return guarded([&] { open(peer).set_state(h0, c0); });
}

int fr_onednn_forward(void* peer, const float* x, float* y, float* hT, float* cT) {
    return guarded([&] { open(peer).forward(x, y, hT, cT); });
}

int fr_onednn_backward(void* peer, const float* x, const float* y, const float* dy, const float* dhT, const float* dcT,
                       const fr_onednn_gradients* gradients) {
    return guarded([&] { open(peer).backward(x, y, dy, dhT, dcT, gradients ? *gradients : fr_onednn_gradients{}); });
}

void fr_onednn_set_threads(int threads) { omp_set_num_threads(threads); }

const char* fr_onednn_version() {
    static const std::string text = [] {
        const dnnl_version_t* v = dnnl_version();
        return std::to_string(v->major) + "." + std::to_string(v->minor) + "." + std::to_string(v->patch);
    }();
    return text.c_str();
}

const char* fr_onednn_last_error() { return last_error.c_str(); }
