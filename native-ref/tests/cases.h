/* The list under test: every kind of cell with every option. */
#ifndef FASTRECURRENT_TEST_CASES_H
#define FASTRECURRENT_TEST_CASES_H

#include "fastrecurrent_ref.h"

enum { BIAS = 1, PEEPHOLE = 2, LN_AFFINE = 4 }; /* which parameters a case has beyond the matrices */

typedef struct {
    const char *name;
    fr_ref_cell cell; /* input, hidden and projection are filled in by the test; projection 1 = wanted */
    int parameters;
} test_case;

#define DEFAULTS .gate = {FR_REF_SIGMOID, 0, 0}, .candidate = {FR_REF_TANH, 0, 0}, .output = {FR_REF_TANH, 0, 0}
#define RNN .kind = FR_REF_SIMPLE_RNN, DEFAULTS
#define LSTM .kind = FR_REF_LSTM, DEFAULTS
#define GRU_AFTER .kind = FR_REF_GRU_RESET_AFTER, DEFAULTS
#define GRU_BEFORE .kind = FR_REF_GRU_RESET_BEFORE, DEFAULTS
#define LN .layer_norm = 1, .ln_epsilon = 1e-3

static const test_case test_cases[] = {
    {"rnn", {RNN}, BIAS},
    {"rnn without bias", {RNN}, 0},
    {"rnn gate_clip", {RNN, .gate_clip = 0.6}, BIAS},
    {"lstm", {LSTM}, BIAS},
    {"lstm without bias", {LSTM}, 0},
    {"lstm peephole", {LSTM}, BIAS | PEEPHOLE},
    {"lstm projection", {LSTM, .projection = 1}, BIAS},
    {"lstm coupled", {LSTM, .coupled = 1}, BIAS},
    {"lstm coupled peephole", {LSTM, .coupled = 1}, BIAS | PEEPHOLE},
    {"lstm gate_clip", {LSTM, .gate_clip = 0.5}, BIAS | PEEPHOLE},
    {"lstm cell_clip", {LSTM, .cell_clip = 0.3}, BIAS | PEEPHOLE},
    {"lstm layer_norm", {LSTM, LN}, BIAS | LN_AFFINE},
    {"lstm layer_norm without gamma and beta", {LSTM, LN}, BIAS},
    {"lstm layer_norm peephole projection", {LSTM, LN, .projection = 1}, BIAS | LN_AFFINE | PEEPHOLE},
    {"lstm layer_norm coupled clips", {LSTM, LN, .coupled = 1, .gate_clip = 0.9, .cell_clip = 0.5},
     BIAS | LN_AFFINE | PEEPHOLE},
    {"lstm everything", {LSTM, LN, .projection = 1, .coupled = 1, .gate_clip = 1.1, .cell_clip = 0.7},
     BIAS | LN_AFFINE | PEEPHOLE},
    {"gru reset-after", {GRU_AFTER}, BIAS},
    {"gru reset-after without bias", {GRU_AFTER}, 0},
    {"gru reset-after gate_clip", {GRU_AFTER, .gate_clip = 0.6}, BIAS},
    {"gru reset-after layer_norm", {GRU_AFTER, LN}, BIAS | LN_AFFINE},
    {"gru reset-after layer_norm without gamma and beta", {GRU_AFTER, LN}, BIAS},
    {"gru reset-after layer_norm gate_clip", {GRU_AFTER, LN, .gate_clip = 0.9}, BIAS | LN_AFFINE},
    {"gru reset-before", {GRU_BEFORE}, BIAS},
    {"gru reset-before without bias", {GRU_BEFORE}, 0},
    {"gru reset-before gate_clip", {GRU_BEFORE, .gate_clip = 0.6}, BIAS},
};
enum { TEST_CASES = sizeof(test_cases) / sizeof(test_cases[0]) };

/* Every activation, to be put into every place of a cell. */
static const fr_ref_activation activations[] = {
    {FR_REF_SIGMOID, 0, 0},     {FR_REF_TANH, 0, 0},           {FR_REF_RELU, 0, 0},
    {FR_REF_AFFINE, 0.7, 0.1},  {FR_REF_LEAKY_RELU, 0.2, 0},   {FR_REF_THRESHOLDED_RELU, 0.3, 0},
    {FR_REF_SCALED_TANH, 1.3, 0.6}, {FR_REF_HARD_SIGMOID, 0.4, 0.5}, {FR_REF_ELU, 0.8, 0},
    {FR_REF_SOFTSIGN, 0, 0},    {FR_REF_SOFTPLUS, 0, 0},
};
enum { ACTIVATIONS = sizeof(activations) / sizeof(activations[0]) };

#endif
