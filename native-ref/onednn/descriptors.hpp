// The shapes of a layer, and the two primitive descriptors that oneDNN makes of them.
//
// "any" lets oneDNN choose: weights and their gradients only. Sequences stay [T, N, F] so that no copy is needed.
#pragma once

#include "peer.hpp"

namespace fastrecurrent {

inline dnnl::memory::desc floats(const dnnl::memory::dims& sizes, dnnl::memory::format_tag tag) {
    return {sizes, dnnl::memory::data_type::f32, tag};
}

// layers = directions = 1.
struct Tensors {
    using tag = dnnl::memory::format_tag;

    Tensors(const Shape& s, const GateTable& gates)
        : x(floats({s.T, s.N, s.I}, tag::tnc)),
          y(floats({s.T, s.N, s.H}, tag::tnc)),
          state(floats({1, 1, s.N, s.H}, tag::ldnc)),
          w_ih(floats({1, 1, s.I, count(gates.gates()), s.H}, tag::any)),
          w_hh(floats({1, 1, s.H, count(gates.gates()), s.H}, tag::any)),
          bias(floats({1, 1, count(gates.bias_gates()), s.H}, tag::ldgo)) {}

    static dnnl::memory::dim count(std::size_t n) { return static_cast<dnnl::memory::dim>(n); }

    dnnl::memory::desc x, y, state, w_ih, w_hh, bias;
};

// backward stays empty unless the shape is for training.
struct Descriptors {
    dnnl::rnn_primitive_desc_base forward, backward;
};

Descriptors describe(const Shape& shape, const Tensors& tensors, const dnnl::engine& engine);

}  // namespace fastrecurrent
