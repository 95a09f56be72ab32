#include "descriptors.hpp"

#include <stdexcept>

namespace fastrecurrent {

static const auto direction = dnnl::rnn_direction::unidirectional_left2right;

static dnnl::prop_kind forward_kind(const Shape& shape) {
    return shape.training ? dnnl::prop_kind::forward_training : dnnl::prop_kind::forward_inference;
}

static Descriptors rnn(const Shape& shape, const Tensors& t, const dnnl::engine& engine) {
    const auto tanh = dnnl::algorithm::eltwise_tanh;
    dnnl::vanilla_rnn_forward::primitive_desc forward(
        {forward_kind(shape), tanh, direction, t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state}, engine);
    if (!shape.training) return {forward, {}};
    dnnl::vanilla_rnn_backward::primitive_desc backward(
        {dnnl::prop_kind::backward, tanh, direction, t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state,
         t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state},
        engine, forward);
    return {forward, backward};
}

static Descriptors lstm(const Shape& shape, const Tensors& t, const dnnl::engine& engine) {
    dnnl::lstm_forward::primitive_desc forward(
        {forward_kind(shape), direction, t.x, t.state, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state, t.state}, engine);
    if (!shape.training) return {forward, {}};
    dnnl::lstm_backward::primitive_desc backward(
        {dnnl::prop_kind::backward, direction, t.x, t.state, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state, t.state,
         t.x, t.state, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state, t.state},
        engine, forward);
    return {forward, backward};
}

template <class Forward, class Backward>
static Descriptors gru(const Shape& shape, const Tensors& t, const dnnl::engine& engine) {
    typename Forward::primitive_desc forward(
        {forward_kind(shape), direction, t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state}, engine);
    if (!shape.training) return {forward, {}};
    typename Backward::primitive_desc backward(
        {dnnl::prop_kind::backward, direction, t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state,
         t.x, t.state, t.w_ih, t.w_hh, t.bias, t.y, t.state},
        engine, forward);
    return {forward, backward};
}

Descriptors describe(const Shape& shape, const Tensors& tensors, const dnnl::engine& engine) {
    switch (shape.kind) {
    case FR_ONEDNN_SIMPLE_RNN: return rnn(shape, tensors, engine);
    case FR_ONEDNN_LSTM: return lstm(shape, tensors, engine);
    case FR_ONEDNN_GRU_RESET_AFTER: return gru<dnnl::lbr_gru_forward, dnnl::lbr_gru_backward>(shape, tensors, engine);
    case FR_ONEDNN_GRU_RESET_BEFORE: return gru<dnnl::gru_forward, dnnl::gru_backward>(shape, tensors, engine);
    default: throw std::invalid_argument("kind has to be 0 (RNN), 1 (LSTM), 2 (GRU reset-after) or 3 (GRU reset-before)");
    }
}

}  // namespace fastrecurrent
