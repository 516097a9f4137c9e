// Eight field elements at a time, on processors with AVX-512 IFMA. What Swift cannot say: instructions that the build does not assume.
#ifndef SYMBOLON_CLANES_H
#define SYMBOLON_CLANES_H

#include <stdint.h>

/// Whether this processor can, and SYMBOLON_LANES=0 in the environment does not forbid it (to measure and test what runs elsewhere).
int symbolon_lanes_available(void);

/// Powers of 16 integers modulo m = 2^256 - d, d = d[0] + 2^64 d[1] + 2^128 d[2] with d[2] 0 or 1.
///
/// `in` and `out` are 16 integers of four words each, least significant first, any below 2^256; `exponent`, not 0, likewise. Constant time in
/// the integers, not in the exponent. Call it only where `symbolon_lanes_available`.
void symbolon_lanes_power(const uint64_t d[3], const uint64_t in[64], const uint64_t exponent[4], uint64_t out[64]);

/// Bytes of working space for each group of sixteen numbers, aligned to 64.
#define SYMBOLON_LANES_SPACE 1280

/// Sixteen products, the k-th over the numbers k, k + 16, k + 32, ... of 16 `groups` numbers. Fills `space` for `symbolon_lanes_additions`.
void symbolon_lanes_products(const uint64_t d[3], int groups, const uint64_t *in, void *space, uint64_t out[64]);

/// Affine additions: pair k adds the points at `left[k]` and `left[k] + 1` of `row`, with slope `numerators[k]` over denominator k, into
/// `out[destination[k]]`. The denominators were given to `symbolon_lanes_products`; `inverses` are those of the sixteen products. A point is
/// eight words, x before y; `row` and `out` do not overlap.
void symbolon_lanes_additions(
    const uint64_t d[3], int groups, const uint64_t inverses[64], const void *space, const uint64_t *numerators, const int32_t *left,
    const int32_t *destination, const uint64_t *row, uint64_t *out);

#endif
