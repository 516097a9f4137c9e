// What Swift cannot say: an opaque value, and a memory wipe that the optimiser keeps. Header only.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// The same value, of which the optimiser knows nothing: keeps masks from being turned back into branches.
static inline __attribute__((always_inline)) uint64_t symbolon_barrier(uint64_t x) {
    __asm__ volatile("" : "+r"(x));
    return x;
}

/// Overwrites `count` bytes with zeros; never optimised away.
static inline void symbolon_zeroize(void *bytes, size_t count) {
    volatile unsigned char *p = (volatile unsigned char *)bytes;
    while (count--) *p++ = 0;
}

#ifdef __wasm__
/// Fills memory with randomness that the page hands in.
void arc4random_buf(void *bytes, size_t count);

/// Hands terms of a sum to the page's second worker: 0 if there is none.
int symbolon_help_begin(int curve, int gates, const void *terms, size_t count);

/// Waits for that sum and writes it: 0 if none came.
int symbolon_help_end(void *sum, size_t count);
#endif
