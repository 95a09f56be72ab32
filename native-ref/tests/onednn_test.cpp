// The oneDNN peer against the reference, forward and backward, and its speed (for information).
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <vector>

#include "fastrecurrent_onednn.h"
#include "fastrecurrent_ref.h"
#include "random.h"

using Floats = std::vector<float>;
using Doubles = std::vector<double>;

// Single against double precision over sequences of a few dozen steps; relative to the largest element, or to 1.
static const double tolerance = 1e-4;
static int failures = 0;

static const char* const names[] = {"RNN", "LSTM", "LBR-GRU", "GRU"};
static const int gate_counts[] = {1, 4, 3, 3};

static Floats random_floats(int size, double bound, uint64_t& random) {
    Floats v(static_cast<std::size_t>(size));
    for (float& e : v) e = static_cast<float>(uniform(&random, -bound, bound));
    return v;
}

static Doubles widen(const Floats& v) { return {v.begin(), v.end()}; }

static void expect_near(const Floats& got, const Doubles& wanted, const char* kind, const char* tensor, double& worst) {
    double difference = 0, scale = 1;
    for (std::size_t k = 0; k < got.size(); k++) {
        double error = std::fabs(static_cast<double>(got[k]) - wanted[k]);
        if (!(error <= difference)) difference = error;  // keeps a NaN
        scale = std::fmax(scale, std::fabs(wanted[k]));
    }
    double error = difference / scale;
    if (!(error <= worst)) worst = error;
    if (!(error <= tolerance)) {
        failures++;
        std::printf("FAILED %s: %s differs from the reference by %.2e > %.0e\n", kind, tensor, error, tolerance);
    }
}

static void expect(bool condition, const char* kind, const char* what) {
    if (condition) return;
    failures++;
    std::printf("FAILED %s: %s (last error: %s)\n", kind, what, fr_onednn_last_error());
}

struct Weights {
    Floats w_ih, w_hh, b_ih, b_hh;

    Weights(int kind, int I, int H, uint64_t& random)
        : w_ih(random_floats(gate_counts[kind] * H * I, 0.5, random)),
          w_hh(random_floats(gate_counts[kind] * H * H, 0.5 / std::sqrt(H), random)),
          b_ih(random_floats(gate_counts[kind] * H, 0.3, random)),
          b_hh(random_floats(gate_counts[kind] * H, 0.3, random)) {}

    void* create(int kind, int training, int T, int N, int I, int H) const {
        return fr_onednn_create(kind, training, T, N, I, H, w_ih.data(), w_hh.data(), b_ih.data(), b_hh.data());
    }
};

static void peer_equals_reference(int kind, int T, int N, int I, int H, uint64_t random, double& worst) {
    const char* name = names[kind];
    const bool is_lstm = kind == FR_ONEDNN_LSTM;
    Weights w(kind, I, H, random);
    Floats x = random_floats(T * N * I, 1, random);
    Floats h0 = random_floats(N * H, 0.8, random), c0 = random_floats(N * H, 0.8, random);
    Floats dy = random_floats(T * N * H, 1, random);
    Floats dhT = random_floats(N * H, 1, random), dcT = random_floats(N * H, 1, random);

    // The reference.
    fr_ref_cell cell = {};
    cell.kind = kind;
    cell.input = I;
    cell.hidden = H;
    cell.gate = {FR_REF_SIGMOID, 0, 0};
    cell.candidate = cell.output = {FR_REF_TANH, 0, 0};
    Doubles w_ih = widen(w.w_ih), w_hh = widen(w.w_hh), b_ih = widen(w.b_ih), b_hh = widen(w.b_hh);
    Doubles dw_ih(w_ih.size()), dw_hh(w_hh.size()), db_ih(b_ih.size()), db_hh(b_hh.size());
    Doubles y(dy.size()), hT(h0.size()), cT(c0.size()), dx(x.size()), dh0(h0.size()), dc0(c0.size());
    fr_ref_params params = {}, grads = {};
    params.w_ih = w_ih.data(), params.w_hh = w_hh.data(), params.b_ih = b_ih.data(), params.b_hh = b_hh.data();
    grads.w_ih = dw_ih.data(), grads.w_hh = dw_hh.data(), grads.b_ih = db_ih.data(), grads.b_hh = db_hh.data();
    Doubles x64 = widen(x), h64 = widen(h0), c64 = widen(c0);
    fr_ref_forward(&cell, &params, T, N, x64.data(), nullptr, 0, h64.data(), c64.data(), y.data(), hT.data(), cT.data());
    fr_ref_backward(&cell, &params, T, N, x64.data(), nullptr, 0, h64.data(), c64.data(), widen(dy).data(),
                    widen(dhT).data(), widen(dcT).data(), dx.data(), dh0.data(), dc0.data(), &grads);

    // The peer: inference, then training.
    for (int training = 0; training < 2; training++) {
        Floats peer_y(dy.size()), peer_hT(h0.size()), peer_cT(c0.size());
        void* peer = w.create(kind, training, T, N, I, H);
        expect(peer != nullptr, name, "create");
        if (!peer) return;
        expect(fr_onednn_set_state(peer, h0.data(), c0.data()) == FR_ONEDNN_OK, name, "set_state");
        expect(fr_onednn_forward(peer, x.data(), peer_y.data(), peer_hT.data(), peer_cT.data()) == FR_ONEDNN_OK,
               name, "forward");
        expect_near(peer_y, y, name, "y", worst);
        expect_near(peer_hT, hT, name, "hT", worst);
        if (is_lstm) expect_near(peer_cT, cT, name, "cT", worst);

        Floats gw_ih(w_ih.size()), gw_hh(w_hh.size()), gb_ih(b_ih.size()), gb_hh(b_hh.size());
        Floats gx(x.size()), gh0(h0.size()), gc0(c0.size());
        fr_onednn_gradients wanted = {gx.data(),    gh0.data(),   gc0.data(),  gw_ih.data(),
                                      gw_hh.data(), gb_ih.data(), gb_hh.data()};
        int status = FR_ONEDNN_OK;
        for (int repeat = 0; repeat < 2; repeat++)  // twice: nothing may add up from call to call
            status = fr_onednn_backward(peer, x.data(), peer_y.data(), dy.data(), dhT.data(), dcT.data(), &wanted);
        expect((status == FR_ONEDNN_OK) == (training == 1), name, "backward runs for training handles and for no others");
        if (training) {
            expect_near(gx, dx, name, "dx", worst);
            expect_near(gh0, dh0, name, "dh0", worst);
            if (is_lstm) expect_near(gc0, dc0, name, "dc0", worst);
            expect_near(gw_ih, dw_ih, name, "dw_ih", worst);
            expect_near(gw_hh, dw_hh, name, "dw_hh", worst);
            expect_near(gb_ih, db_ih, name, "db_ih", worst);
            expect_near(gb_hh, db_hh, name, "db_hh", worst);
        }
        fr_onednn_destroy(peer);
    }
}

// The best of several batches of calls, each batch about 20 ms long.
static void print_time(int kind, int T, int N, int I, int H) {
    using clock = std::chrono::steady_clock;
    uint64_t random = 1;
    Weights w(kind, I, H, random);
    Floats x = random_floats(T * N * I, 1, random), y(static_cast<std::size_t>(T * N * H));
    void* peer = w.create(kind, 0, T, N, I, H);
    if (!peer) {
        std::printf("  %-8s %s\n", names[kind], fr_onednn_last_error());
        return;
    }
    auto microseconds = [&](int calls) {
        auto start = clock::now();
        for (int k = 0; k < calls; k++) fr_onednn_forward(peer, x.data(), y.data(), nullptr, nullptr);
        return std::chrono::duration<double, std::micro>(clock::now() - start).count() / calls;
    };
    microseconds(3);
    int calls = std::max(1, static_cast<int>(20e3 / microseconds(3)));
    double best = microseconds(calls);
    for (int batch = 1; batch < 5; batch++) best = std::min(best, microseconds(calls));
    double gflops = 2e-3 * T * N * gate_counts[kind] * H * (I + H) / best;
    std::printf("  %-8s T=%-3d N=%-3d I=%-4d H=%-4d %10.1f us %9.2f us/step %8.1f GFLOPS\n",
                names[kind], T, N, I, H, best, best / T, gflops);
    fr_onednn_destroy(peer);
}

int main() {
    fr_onednn_set_threads(1);
    const int shapes[][4] = {{1, 1, 1, 1}, {7, 3, 5, 9}, {4, 1, 20, 33}, {12, 17, 16, 64}, {30, 8, 128, 128}};
    for (int kind = 0; kind < 4; kind++) {
        double worst = 0;
        uint64_t random = 10;
        for (const auto& s : shapes) peer_equals_reference(kind, s[0], s[1], s[2], s[3], random++, worst);
        std::printf("%-8s worst difference from the reference %.1e\n", names[kind], worst);
    }
    const float w = 1;
    expect(fr_onednn_create(9, 0, 1, 1, 1, 1, &w, &w, nullptr, nullptr) == nullptr && fr_onednn_last_error()[0] != '\0',
           "create", "an unknown kind is refused with a reason");

    std::printf("oneDNN %s, inference, 1 thread:\n", fr_onednn_version());
    const int timed[][3] = {{50, 64, 128}, {50, 1, 128}, {1, 1, 128}, {50, 32, 20}};
    for (const auto& s : timed)
        for (int kind : {FR_ONEDNN_LSTM, FR_ONEDNN_GRU_RESET_BEFORE, FR_ONEDNN_GRU_RESET_AFTER, FR_ONEDNN_SIMPLE_RNN})
            print_time(kind, s[0], s[1], s[2], s[2]);
    std::printf("%d failures\n", failures);
    return failures != 0;
}
