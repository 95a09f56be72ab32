// PyTorch's gates and biases against oneDNN's.
//
//     kind               PyTorch   oneDNN          oneDNN's biases
//     simple RNN         -         -               b_ih + b_hh
//     LSTM               i f g o   i f c o         b_ih + b_hh                   (c is PyTorch's g)
//     GRU reset-after    r z n     u r o           u: sum, r: sum, o: b_ih, u': b_hh   (u is z, o is n)
//     GRU reset-before   r z n     u r o           b_ih + b_hh
//
// Both update with h' = z * h + (1 - z) * n.
#pragma once

#include <cstddef>
#include <vector>

namespace fastrecurrent {

class GateTable {
public:
    GateTable(int kind, int hidden);

    std::size_t gates() const { return order_.size(); }
    std::size_t bias_gates() const { return gates() + (has_recurrent_candidate_bias_ ? 1 : 0); }

    // [G, H, columns] with the gates in oneDNN's order, from PyTorch's, and back.
    std::vector<float> to_onednn(const float* matrix, std::size_t columns) const;
    void from_onednn(const float* matrix, std::size_t columns, float* result) const;

    // [bias_gates, H] from b_ih and b_hh, each of which may be null; and the gradients of both, each maybe unwanted.
    std::vector<float> biases_to_onednn(const float* b_ih, const float* b_hh) const;
    void biases_from_onednn(const float* gradient, float* db_ih, float* db_hh) const;

private:
    std::vector<std::size_t> order_;  // order_[oneDNN's gate] = PyTorch's gate
    bool has_recurrent_candidate_bias_;
    std::size_t hidden_;
};

}  // namespace fastrecurrent
