/* Random numbers for the tests. */
#ifndef FASTRECURRENT_TEST_RANDOM_H
#define FASTRECURRENT_TEST_RANDOM_H

#include <stdint.h>

/* splitmix64: the same numbers on every machine. */
static inline uint64_t next_random(uint64_t *state) {
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline double uniform(uint64_t *state, double low, double high) {
    return low + (high - low) * (double)(next_random(state) >> 11) / 9007199254740992.0;
}

static inline int between(uint64_t *state, int low, int high) {
    return low + (int)(next_random(state) % (uint64_t)(high - low + 1));
}

#endif
