// One recurrent layer of oneDNN: its two primitives and the memory they work on.
#pragma once

#include <dnnl.hpp>
#include <unordered_map>

#include "fastrecurrent_onednn.h"
#include "weights.hpp"

namespace fastrecurrent {

struct Shape {
    int kind;
    bool training;
    int T, N, I, H;
};

class Peer {
public:
    Peer(const Shape& shape, const float* w_ih, const float* w_hh, const float* b_ih, const float* b_hh);

    void set_state(const float* h0, const float* c0);
    void forward(const float* x, float* y, float* hT, float* cT);
    void backward(const float* x, const float* y, const float* dy, const float* dhT, const float* dcT,
                  const fr_onednn_gradients& wanted);

private:
    using Arguments = std::unordered_map<int, dnnl::memory>;

    void prepare_forward(const dnnl::rnn_primitive_desc_base& descriptor);
    void prepare_backward(const dnnl::rnn_primitive_desc_base& descriptor);
    dnnl::memory zeros(const dnnl::memory::desc& descriptor) const;
    dnnl::memory reordered(dnnl::memory& from, const dnnl::memory::desc& descriptor);
    void copy_weight_gradient(int argument, int columns, float* result);
    bool is_lstm() const { return shape_.kind == FR_ONEDNN_LSTM; }

    Shape shape_;
    GateTable gates_;
    dnnl::engine engine_;
    dnnl::stream stream_;
    dnnl::memory w_ih_, w_hh_;  // [1, 1, columns, G, H] stored as PyTorch does: gate, output, input
    dnnl::primitive forward_, backward_;
    Arguments forward_arguments_, backward_arguments_;
    dnnl::memory dx_;  // for a caller who does not want dx
    bool has_run_ = false;
};

}  // namespace fastrecurrent
