#include "weights.hpp"

#include <algorithm>

#include "fastrecurrent_onednn.h"

namespace fastrecurrent {

static std::vector<std::size_t> order_of(int kind) {
    switch (kind) {
    case FR_ONEDNN_LSTM: return {0, 1, 2, 3};
    case FR_ONEDNN_GRU_RESET_AFTER:
    case FR_ONEDNN_GRU_RESET_BEFORE: return {1, 0, 2};
    default: return {0};
    }
}

GateTable::GateTable(int kind, int hidden)
    : order_(order_of(kind)),
      has_recurrent_candidate_bias_(kind == FR_ONEDNN_GRU_RESET_AFTER),
      hidden_(static_cast<std::size_t>(hidden)) {}

std::vector<float> GateTable::to_onednn(const float* matrix, std::size_t columns) const {
    std::size_t size = hidden_ * columns;
    std::vector<float> result(gates() * size);
    for (std::size_t g = 0; g < gates(); g++) std::copy_n(matrix + order_[g] * size, size, result.data() + g * size);
    return result;
}

void GateTable::from_onednn(const float* matrix, std::size_t columns, float* result) const {
    std::size_t size = hidden_ * columns;
    for (std::size_t g = 0; g < gates(); g++) std::copy_n(matrix + g * size, size, result + order_[g] * size);
}

std::vector<float> GateTable::biases_to_onednn(const float* b_ih, const float* b_hh) const {
    std::vector<float> result(bias_gates() * hidden_, 0.0f);
    std::size_t candidate = gates() - 1;
    for (std::size_t g = 0; g < gates(); g++) {
        std::size_t recurrent = has_recurrent_candidate_bias_ && g == candidate ? g + 1 : g;
        for (std::size_t k = 0; k < hidden_; k++) {
            if (b_ih) result[g * hidden_ + k] += b_ih[order_[g] * hidden_ + k];
            if (b_hh) result[recurrent * hidden_ + k] += b_hh[order_[g] * hidden_ + k];
        }
    }
    return result;
}

void GateTable::biases_from_onednn(const float* gradient, float* db_ih, float* db_hh) const {
    std::size_t candidate = gates() - 1;
    for (std::size_t g = 0; g < gates(); g++) {
        std::size_t recurrent = has_recurrent_candidate_bias_ && g == candidate ? g + 1 : g;
        if (db_ih) std::copy_n(gradient + g * hidden_, hidden_, db_ih + order_[g] * hidden_);
        if (db_hh) std::copy_n(gradient + recurrent * hidden_, hidden_, db_hh + order_[g] * hidden_);
    }
}

}  // namespace fastrecurrent
