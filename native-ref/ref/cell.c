/* What a cell descriptor means, and whether it makes sense. */
#include "internal.h"

int fr_gates(const fr_ref_cell *cell) {
    switch (cell->kind) {
    case FR_REF_LSTM: return cell->coupled ? 3 : 4;
    case FR_REF_GRU_RESET_AFTER:
    case FR_REF_GRU_RESET_BEFORE: return 3;
    default: return 1;
    }
}

int fr_recurrent_size(const fr_ref_cell *cell) { return cell->projection ? cell->projection : cell->hidden; }

static int is_activation(const fr_ref_activation *activation) {
    return activation->kind >= FR_REF_SIGMOID && activation->kind <= FR_REF_SOFTPLUS;
}

static int check_activations(const fr_ref_cell *cell) {
    int uses_gate = cell->kind != FR_REF_SIMPLE_RNN, uses_output = cell->kind == FR_REF_LSTM;
    if (!is_activation(&cell->candidate)) return FR_REF_BAD_ACTIVATION;
    if (uses_gate && !is_activation(&cell->gate)) return FR_REF_BAD_ACTIVATION;
    if (uses_output && !is_activation(&cell->output)) return FR_REF_BAD_ACTIVATION;
    return FR_REF_OK;
}

/* An option is never ignored: a cell that does not have it refuses it. */
static int check_options(const fr_ref_cell *cell, const fr_ref_params *params) {
    int is_lstm = cell->kind == FR_REF_LSTM;
    int may_normalize = is_lstm || cell->kind == FR_REF_GRU_RESET_AFTER;
    int has_ln = params->ln_ih_gamma || params->ln_ih_beta || params->ln_hh_gamma || params->ln_hh_beta;
    int has_ln_c = params->ln_c_gamma || params->ln_c_beta;

    if (!is_lstm && (cell->projection || cell->coupled || cell->cell_clip != 0)) return FR_REF_BAD_OPTION;
    if (!is_lstm && (params->peephole || has_ln_c)) return FR_REF_BAD_OPTION;
    if (params->w_hr && !cell->projection) return FR_REF_BAD_OPTION;
    if (cell->layer_norm && !may_normalize) return FR_REF_BAD_OPTION;
    if (!cell->layer_norm && (has_ln || has_ln_c)) return FR_REF_BAD_OPTION;
    if (!(cell->gate_clip >= 0) || !(cell->cell_clip >= 0) || !(cell->ln_epsilon >= 0)) return FR_REF_BAD_OPTION;
    return FR_REF_OK;
}

int fr_check(const fr_ref_cell *cell, const fr_ref_params *params) {
    if (!cell || !params || !params->w_ih || !params->w_hh) return FR_REF_NULL_ARGUMENT;
    if (cell->kind < FR_REF_SIMPLE_RNN || cell->kind > FR_REF_GRU_RESET_BEFORE) return FR_REF_BAD_KIND;
    if (cell->input < 1 || cell->hidden < 1 || cell->projection < 0) return FR_REF_BAD_SIZE;
    if (cell->projection && !params->w_hr) return FR_REF_NULL_ARGUMENT;
    int status = check_activations(cell);
    return status ? status : check_options(cell, params);
}
