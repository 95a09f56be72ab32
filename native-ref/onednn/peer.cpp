#include "peer.hpp"

#include <cstring>
#include <stdexcept>

#include "descriptors.hpp"

namespace fastrecurrent {

// dst = src, or 0 if src is null
static void fill(const dnnl::memory& destination, const float* source) {
    std::size_t bytes = destination.get_desc().get_size();
    if (source)
        std::memcpy(destination.get_data_handle(), source, bytes);
    else
        std::memset(destination.get_data_handle(), 0, bytes);
}

static void copy_out(const dnnl::memory& source, float* destination) {
    if (destination) std::memcpy(destination, source.get_data_handle(), source.get_desc().get_size());
}

// oneDNN asks for writable pointers to what it only reads.
static void point(const dnnl::memory& memory, const float* at) { memory.set_data_handle(const_cast<float*>(at)); }

// Matrices as PyTorch stores them: gate, output, input.
static dnnl::memory::desc plain_weights(const GateTable& gates, int columns, int hidden) {
    return floats({1, 1, columns, Tensors::count(gates.gates()), hidden}, dnnl::memory::format_tag::ldgoi);
}

Peer::Peer(const Shape& shape, const float* w_ih, const float* w_hh, const float* b_ih, const float* b_hh)
    : shape_(shape), gates_(shape.kind, shape.H), engine_(dnnl::engine::kind::cpu, 0), stream_(engine_) {
    if (shape.T < 1 || shape.N < 1 || shape.I < 1 || shape.H < 1)
        throw std::invalid_argument("T, N, I and H have to be 1 or more");
    if (!w_ih || !w_hh) throw std::invalid_argument("w_ih and w_hh are required");

    Tensors tensors(shape_, gates_);
    Descriptors descriptors = describe(shape_, tensors, engine_);
    w_ih_ = zeros(plain_weights(gates_, shape.I, shape.H));
    w_hh_ = zeros(plain_weights(gates_, shape.H, shape.H));
    fill(w_ih_, gates_.to_onednn(w_ih, static_cast<std::size_t>(shape.I)).data());
    fill(w_hh_, gates_.to_onednn(w_hh, static_cast<std::size_t>(shape.H)).data());

    prepare_forward(descriptors.forward);
    fill(forward_arguments_[DNNL_ARG_BIAS], gates_.biases_to_onednn(b_ih, b_hh).data());
    if (shape.training) prepare_backward(descriptors.backward);
}

dnnl::memory Peer::zeros(const dnnl::memory::desc& descriptor) const {
    dnnl::memory result(descriptor, engine_);
    if (descriptor.get_size() > 0) fill(result, nullptr);
    return result;
}

dnnl::memory Peer::reordered(dnnl::memory& from, const dnnl::memory::desc& descriptor) {
    dnnl::memory result = zeros(descriptor);
    dnnl::reorder(from, result).execute(stream_, from, result);
    stream_.wait();
    return result;
}

void Peer::prepare_forward(const dnnl::rnn_primitive_desc_base& descriptor) {
    forward_ = dnnl::primitive(descriptor);
    forward_arguments_ = {
        {DNNL_ARG_SRC_LAYER, dnnl::memory(descriptor.src_layer_desc(), engine_, nullptr)},
        {DNNL_ARG_SRC_ITER, zeros(descriptor.src_iter_desc())},
        {DNNL_ARG_WEIGHTS_LAYER, reordered(w_ih_, descriptor.weights_layer_desc())},
        {DNNL_ARG_WEIGHTS_ITER, reordered(w_hh_, descriptor.weights_iter_desc())},
        {DNNL_ARG_BIAS, zeros(descriptor.bias_desc())},
        {DNNL_ARG_DST_LAYER, dnnl::memory(descriptor.dst_layer_desc(), engine_, nullptr)},
        {DNNL_ARG_DST_ITER, zeros(descriptor.dst_iter_desc())},
    };
    if (is_lstm()) {
        forward_arguments_[DNNL_ARG_SRC_ITER_C] = zeros(descriptor.src_iter_c_desc());
        forward_arguments_[DNNL_ARG_DST_ITER_C] = zeros(descriptor.dst_iter_c_desc());
    }
    if (shape_.training) forward_arguments_[DNNL_ARG_WORKSPACE] = zeros(descriptor.workspace_desc());
}

// Backward may want the weights in another format, and reads everything else that forward read and wrote.
void Peer::prepare_backward(const dnnl::rnn_primitive_desc_base& descriptor) {
    backward_ = dnnl::primitive(descriptor);
    backward_arguments_ = forward_arguments_;
    backward_arguments_[DNNL_ARG_WEIGHTS_LAYER] = reordered(w_ih_, descriptor.weights_layer_desc());
    backward_arguments_[DNNL_ARG_WEIGHTS_ITER] = reordered(w_hh_, descriptor.weights_iter_desc());

    dx_ = zeros(descriptor.diff_src_layer_desc());
    backward_arguments_[DNNL_ARG_DIFF_SRC_LAYER] = dnnl::memory(descriptor.diff_src_layer_desc(), engine_, nullptr);
    backward_arguments_[DNNL_ARG_DIFF_SRC_ITER] = zeros(descriptor.diff_src_iter_desc());
    backward_arguments_[DNNL_ARG_DIFF_WEIGHTS_LAYER] = zeros(descriptor.diff_weights_layer_desc());
    backward_arguments_[DNNL_ARG_DIFF_WEIGHTS_ITER] = zeros(descriptor.diff_weights_iter_desc());
    backward_arguments_[DNNL_ARG_DIFF_BIAS] = zeros(descriptor.diff_bias_desc());
    backward_arguments_[DNNL_ARG_DIFF_DST_LAYER] = dnnl::memory(descriptor.diff_dst_layer_desc(), engine_, nullptr);
    backward_arguments_[DNNL_ARG_DIFF_DST_ITER] = zeros(descriptor.diff_dst_iter_desc());
    if (is_lstm()) {
        backward_arguments_[DNNL_ARG_DIFF_SRC_ITER_C] = zeros(descriptor.diff_src_iter_c_desc());
        backward_arguments_[DNNL_ARG_DIFF_DST_ITER_C] = zeros(descriptor.diff_dst_iter_c_desc());
    }
}

void Peer::set_state(const float* h0, const float* c0) {
    fill(forward_arguments_[DNNL_ARG_SRC_ITER], h0);
    if (is_lstm()) fill(forward_arguments_[DNNL_ARG_SRC_ITER_C], c0);
}

void Peer::forward(const float* x, float* y, float* hT, float* cT) {
    if (!x || !y) throw std::invalid_argument("x and y are required");
    point(forward_arguments_[DNNL_ARG_SRC_LAYER], x);
    point(forward_arguments_[DNNL_ARG_DST_LAYER], y);
    forward_.execute(stream_, forward_arguments_);
    stream_.wait();
    copy_out(forward_arguments_[DNNL_ARG_DST_ITER], hT);
    if (is_lstm()) copy_out(forward_arguments_[DNNL_ARG_DST_ITER_C], cT);
    has_run_ = true;
}

void Peer::backward(const float* x, const float* y, const float* dy, const float* dhT, const float* dcT,
                    const fr_onednn_gradients& wanted) {
    if (!shape_.training) throw std::logic_error("backward needs a handle created with training = 1");
    if (!has_run_) throw std::logic_error("backward needs a forward before it");
    if (!x || !y || !dy) throw std::invalid_argument("x, y and dy are required");

    Arguments& a = backward_arguments_;
    point(a[DNNL_ARG_SRC_LAYER], x);
    point(a[DNNL_ARG_DST_LAYER], y);
    point(a[DNNL_ARG_DIFF_DST_LAYER], dy);
    point(a[DNNL_ARG_DIFF_SRC_LAYER], wanted.dx ? wanted.dx : static_cast<float*>(dx_.get_data_handle()));
    fill(a[DNNL_ARG_DIFF_DST_ITER], dhT);
    if (is_lstm()) fill(a[DNNL_ARG_DIFF_DST_ITER_C], dcT);

    // oneDNN adds to these three.
    for (int sum : {DNNL_ARG_DIFF_WEIGHTS_LAYER, DNNL_ARG_DIFF_WEIGHTS_ITER, DNNL_ARG_DIFF_BIAS}) fill(a[sum], nullptr);
    backward_.execute(stream_, a);
    stream_.wait();

    copy_out(a[DNNL_ARG_DIFF_SRC_ITER], wanted.dh0);
    if (is_lstm()) copy_out(a[DNNL_ARG_DIFF_SRC_ITER_C], wanted.dc0);
    copy_weight_gradient(DNNL_ARG_DIFF_WEIGHTS_LAYER, shape_.I, wanted.dw_ih);
    copy_weight_gradient(DNNL_ARG_DIFF_WEIGHTS_ITER, shape_.H, wanted.dw_hh);
    gates_.biases_from_onednn(static_cast<float*>(a[DNNL_ARG_DIFF_BIAS].get_data_handle()), wanted.db_ih, wanted.db_hh);
}

void Peer::copy_weight_gradient(int argument, int columns, float* result) {
    if (!result) return;
    dnnl::memory plain = reordered(backward_arguments_[argument], plain_weights(gates_, columns, shape_.H));
    gates_.from_onednn(static_cast<float*>(plain.get_data_handle()), static_cast<std::size_t>(columns), result);
}

}  // namespace fastrecurrent
