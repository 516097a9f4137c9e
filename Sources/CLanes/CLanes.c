#include "CLanes.h"

#if defined(__x86_64__)

#include <immintrin.h>
#include <stdlib.h>

#define LANES __attribute__((target("avx512f,avx512ifma")))
#define INLINE LANES static inline __attribute__((always_inline))

// A number in each of eight lanes, five limbs of 52 bits; between operations below 2^256 + 2^144, so that the top limb has at most 49 bits.
typedef struct {
    __m512i limb[5];
} Element;

// The modulus 2^256 - d: limbs of 2^260 mod m = 16 d and of d, and 8 m written with lower limbs above 2^52.
typedef struct {
    __m512i sixteen[3], d[3], eight[5];
} Modulus;

INLINE __m512i low(__m512i sum, __m512i a, __m512i b) { return _mm512_madd52lo_epu64(sum, a, b); }
INLINE __m512i high(__m512i sum, __m512i a, __m512i b) { return _mm512_madd52hi_epu64(sum, a, b); }
INLINE __m512i add(__m512i a, __m512i b) { return _mm512_add_epi64(a, b); }

// Carries from limb to limb; the last keeps what it has.
INLINE void carry(__m512i *t, int count) {
    const __m512i mask = _mm512_set1_epi64((1LL << 52) - 1);
    for (int i = 0; i + 1 < count; i++) {
        t[i + 1] = add(t[i + 1], _mm512_srli_epi64(t[i], 52));
        t[i] = _mm512_and_si512(t[i], mask);
    }
}

// u_0 ... u_5 below 2^52 to a number below 2^256 + 2^144: q = u / 2^256, below 2^42, goes for q d.
INLINE Element fold(__m512i *u, const Modulus *m, int count) {
    __m512i q = _mm512_or_si512(_mm512_slli_epi64(u[5], 4), _mm512_srli_epi64(u[4], 48));
    u[4] = _mm512_and_si512(u[4], _mm512_set1_epi64((1LL << 48) - 1));
    for (int j = 0; j < count; j++) {
        u[j] = low(u[j], q, m->d[j]);
        u[j + 1] = high(u[j + 1], q, m->d[j]);
    }
    carry(u, 5);
    return (Element){{u[0], u[1], u[2], u[3], u[4]}};
}

// t_0 ... t_9 modulo m.
INLINE Element reduce(__m512i *t, const Modulus *m, int count) {
    const __m512i zero = _mm512_setzero_si512();
    carry(t, 10);
    // u = t mod 2^260 + 16 d (t / 2^260): below 2^298 for one limb of 16 d, below 2^394 for three
    __m512i u[8] = {t[0], t[1], t[2], t[3], t[4], zero, zero, zero};
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < count; j++) {
            u[i + j] = low(u[i + j], t[5 + i], m->sixteen[j]);
            u[i + j + 1] = high(u[i + j + 1], t[5 + i], m->sixteen[j]);
        }
    }
    if (count > 1) {
        carry(u, 8);
        __m512i v[6] = {u[0], u[1], u[2], u[3], u[4], zero};
        // the same once more: below 2^268
        for (int i = 0; i < 3; i++) {
            for (int j = 0; j < 3; j++) {
                v[i + j] = low(v[i + j], u[5 + i], m->sixteen[j]);
                v[i + j + 1] = high(v[i + j + 1], u[5 + i], m->sixteen[j]);
            }
        }
        for (int i = 0; i < 6; i++) u[i] = v[i];
    }
    carry(u, 6);
    return fold(u, m, count);
}

INLINE Element multiply(Element a, Element b, const Modulus *m, int count) {
    __m512i l[10], h[10];
    for (int i = 0; i < 10; i++) l[i] = h[i] = _mm512_setzero_si512();
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 5; j++) {
            l[i + j] = low(l[i + j], a.limb[i], b.limb[j]);
            h[i + j + 1] = high(h[i + j + 1], a.limb[i], b.limb[j]);
        }
    }
    for (int i = 0; i < 10; i++) l[i] = add(l[i], h[i]);
    return reduce(l, m, count);
}

INLINE Element square(Element a, const Modulus *m, int count) {
    __m512i l[10], h[10];
    for (int i = 0; i < 10; i++) l[i] = h[i] = _mm512_setzero_si512();
    // products of different limbs once, then doubled
    for (int i = 0; i < 5; i++) {
        for (int j = i + 1; j < 5; j++) {
            l[i + j] = low(l[i + j], a.limb[i], a.limb[j]);
            h[i + j + 1] = high(h[i + j + 1], a.limb[i], a.limb[j]);
        }
    }
    for (int i = 0; i < 10; i++) {
        l[i] = add(l[i], h[i]);
        l[i] = add(l[i], l[i]);
    }
    for (int i = 0; i < 5; i++) {
        l[2 * i] = low(l[2 * i], a.limb[i], a.limb[i]);
        l[2 * i + 1] = high(l[2 * i + 1], a.limb[i], a.limb[i]);
    }
    return reduce(l, m, count);
}

INLINE Element subtract(Element a, Element b, const Modulus *m, int count) {
    __m512i u[6];
    for (int i = 0; i < 5; i++) u[i] = _mm512_sub_epi64(add(a.limb[i], m->eight[i]), b.limb[i]);
    u[5] = _mm512_setzero_si512();
    carry(u, 6);
    return fold(u, m, count);
}

// Four words of 64 bits of each of eight numbers, at these places, as five limbs of 52, and back.
INLINE Element gather(const uint64_t *words, __m512i at) {
    const __m512i mask = _mm512_set1_epi64((1LL << 52) - 1);
    __m512i w[4];
    for (int i = 0; i < 4; i++) w[i] = _mm512_i64gather_epi64(at, (const long long *)words + i, 8);
    return (Element){{
        _mm512_and_si512(w[0], mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[0], 52), _mm512_slli_epi64(w[1], 12)), mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[1], 40), _mm512_slli_epi64(w[2], 24)), mask),
        _mm512_and_si512(_mm512_or_si512(_mm512_srli_epi64(w[2], 28), _mm512_slli_epi64(w[3], 36)), mask),
        _mm512_srli_epi64(w[3], 16),
    }};
}

INLINE void scatter(Element a, const Modulus *m, int count, uint64_t *words, __m512i at) {
    // The number is below 2^256 + 2^144: take 2^256 away for d, twice since the first may just reach it again.
    for (int round = 0; round < 2; round++) {
        __m512i q = _mm512_srli_epi64(a.limb[4], 48);
        a.limb[4] = _mm512_and_si512(a.limb[4], _mm512_set1_epi64((1LL << 48) - 1));
        for (int j = 0; j < count; j++) a.limb[j] = low(a.limb[j], q, m->d[j]);
        carry(a.limb, 5);
    }
    __m512i w[4] = {
        _mm512_or_si512(a.limb[0], _mm512_slli_epi64(a.limb[1], 52)),
        _mm512_or_si512(_mm512_srli_epi64(a.limb[1], 12), _mm512_slli_epi64(a.limb[2], 40)),
        _mm512_or_si512(_mm512_srli_epi64(a.limb[2], 24), _mm512_slli_epi64(a.limb[3], 28)),
        _mm512_or_si512(_mm512_srli_epi64(a.limb[3], 36), _mm512_slli_epi64(a.limb[4], 16)),
    };
    for (int i = 0; i < 4; i++) _mm512_i64scatter_epi64((long long *)words + i, at, w[i], 8);
}

INLINE __m512i consecutive(void) { return _mm512_set_epi64(28, 24, 20, 16, 12, 8, 4, 0); }
INLINE Element load(const uint64_t *words) { return gather(words, consecutive()); }
INLINE void store(Element a, const Modulus *m, int count, uint64_t *words) { scatter(a, m, count, words, consecutive()); }

INLINE int bit(const uint64_t *exponent, int i) { return exponent[i / 64] >> (i % 64) & 1; }

// Sixteen powers: two vectors side by side, since one waits for its products longer than it computes them. The leading ones of the exponent by
// doubling, the rest by sliding windows of four bits.
INLINE void power(const Modulus *m, int count, const uint64_t *in, const uint64_t *exponent, uint64_t *out) {
    Element x[2] = {load(in), load(in + 32)}, r[2] = {x[0], x[1]}, odd[8][2];
    int rest = 255;
    while (!bit(exponent, rest)) rest--;
    rest++;
    int ones = 0;
    while (ones < rest && bit(exponent, rest - 1 - ones)) ones++;
    rest -= ones;
    int length = 1;
    for (int i = 30 - __builtin_clz((unsigned)ones); i >= 0; i--) {
        Element run[2] = {r[0], r[1]};
        for (int k = 0; k < length; k++) for (int v = 0; v < 2; v++) r[v] = square(r[v], m, count);
        for (int v = 0; v < 2; v++) r[v] = multiply(r[v], run[v], m, count);
        length *= 2;
        if (ones >> i & 1) {
            for (int v = 0; v < 2; v++) r[v] = multiply(square(r[v], m, count), x[v], m, count);
            length++;
        }
    }
    for (int v = 0; v < 2; v++) {
        Element twice = square(x[v], m, count);
        odd[0][v] = x[v];
        for (int i = 1; i < 8; i++) odd[i][v] = multiply(odd[i - 1][v], twice, m, count);
    }
    while (rest > 0) {
        int bottom = rest - 1, digit = 1;
        if (bit(exponent, rest - 1)) {
            bottom = rest > 4 ? rest - 4 : 0;
            while (!bit(exponent, bottom)) bottom++;
            for (int i = rest - 2; i >= bottom; i--) digit = 2 * digit + bit(exponent, i);
        } else {
            digit = 0;
        }
        for (int k = bottom; k < rest; k++) for (int v = 0; v < 2; v++) r[v] = square(r[v], m, count);
        if (digit) for (int v = 0; v < 2; v++) r[v] = multiply(r[v], odd[digit / 2][v], m, count);
        rest = bottom;
    }
    for (int v = 0; v < 2; v++) store(r[v], m, count, out + 32 * v);
}

// Limbs of 2^shift d.
INLINE void limbs(const uint64_t d[3], int shift, __m512i out[3]) {
    unsigned __int128 low = (unsigned __int128)d[1] << 64 | d[0];
    unsigned __int128 top = (unsigned __int128)d[2] << shift | (shift ? low >> (128 - shift) : 0);
    const uint64_t mask = (1ULL << 52) - 1;
    low <<= shift;
    out[0] = _mm512_set1_epi64((uint64_t)low & mask);
    out[1] = _mm512_set1_epi64((uint64_t)(low >> 52) & mask);
    out[2] = _mm512_set1_epi64((uint64_t)(low >> 104 | top << 24) & mask);
}

INLINE Modulus modulus(const uint64_t d[3]) {
    Modulus m;
    limbs(d, 4, m.sixteen);
    limbs(d, 0, m.d);
    // 8 m = 2^259 - 8 d = (2^51 - 1) 2^208 + sum (2^52 - 1) 2^52i + 1 - 8 d; a unit of each limb above goes to the one below.
    __m512i eight[3];
    limbs(d, 3, eight);
    const __m512i full = _mm512_set1_epi64((1LL << 53) - 2);
    for (int i = 0; i < 4; i++) m.eight[i] = i < 3 ? _mm512_sub_epi64(full, eight[i]) : full;
    m.eight[0] = add(m.eight[0], _mm512_set1_epi64(2));
    m.eight[4] = _mm512_set1_epi64((1LL << 51) - 2);
    return m;
}

LANES void symbolon_lanes_power(const uint64_t d[3], const uint64_t in[64], const uint64_t exponent[4], uint64_t out[64]) {
    Modulus m = modulus(d);
    if (d[1] | d[2]) {
        power(&m, 3, in, exponent, out);
    } else {
        power(&m, 1, in, exponent, out);
    }
}

// Two chains of products, one for each vector of a group of sixteen: what came before each group is kept for the way back.
INLINE void products(const Modulus *m, int count, int groups, const uint64_t *in, Element *kept, uint64_t *out) {
    Element p[2];
    for (int g = 0; g < groups; g++) {
        for (int v = 0; v < 2; v++) {
            Element e = load(in + 64 * g + 32 * v);
            kept[4 * g + v] = e;
            kept[4 * g + 2 + v] = p[v];
            p[v] = g == 0 ? e : multiply(p[v], e, m, count);
        }
    }
    for (int v = 0; v < 2; v++) store(p[v], m, count, out + 32 * v);
}

LANES void symbolon_lanes_products(const uint64_t d[3], int groups, const uint64_t *in, void *space, uint64_t out[64]) {
    Modulus m = modulus(d);
    if (d[1] | d[2]) {
        products(&m, 3, groups, in, space, out);
    } else {
        products(&m, 1, groups, in, space, out);
    }
}

INLINE void additions(
    const Modulus *m, int count, int groups, const uint64_t *inverses, const Element *kept, const uint64_t *numerators, const int32_t *left,
    const int32_t *destination, const uint64_t *row, uint64_t *out) {
    Element inverse[2] = {load(inverses), load(inverses + 32)};
    for (int g = groups - 1; g >= 0; g--) {
        Element slope[2], px[2], x[2], y[2];
        for (int v = 0; v < 2; v++) {
            slope[v] = g == 0 ? inverse[v] : multiply(inverse[v], kept[4 * g + 2 + v], m, count);
            inverse[v] = multiply(inverse[v], kept[4 * g + v], m, count);
        }
        for (int v = 0; v < 2; v++) slope[v] = multiply(slope[v], load(numerators + 64 * g + 32 * v), m, count);
        for (int v = 0; v < 2; v++) {
            __m512i at = _mm512_slli_epi64(_mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(left + 16 * g + 8 * v))), 3);
            px[v] = gather(row, at);
            x[v] = subtract(subtract(square(slope[v], m, count), px[v], m, count), gather(row + 8, at), m, count);
        }
        for (int v = 0; v < 2; v++) {
            __m512i at = _mm512_slli_epi64(_mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(left + 16 * g + 8 * v))), 3);
            y[v] = subtract(multiply(slope[v], subtract(px[v], x[v], m, count), m, count), gather(row + 4, at), m, count);
        }
        for (int v = 0; v < 2; v++) {
            __m512i at = _mm512_slli_epi64(_mm512_cvtepi32_epi64(_mm256_loadu_si256((const __m256i *)(destination + 16 * g + 8 * v))), 3);
            scatter(x[v], m, count, out, at);
            scatter(y[v], m, count, out + 4, at);
        }
    }
}

LANES void symbolon_lanes_additions(
    const uint64_t d[3], int groups, const uint64_t inverses[64], const void *space, const uint64_t *numerators, const int32_t *left,
    const int32_t *destination, const uint64_t *row, uint64_t *out) {
    Modulus m = modulus(d);
    if (d[1] | d[2]) {
        additions(&m, 3, groups, inverses, space, numerators, left, destination, row, out);
    } else {
        additions(&m, 1, groups, inverses, space, numerators, left, destination, row, out);
    }
}

int symbolon_lanes_available(void) {
    const char *wanted = getenv("SYMBOLON_LANES");
    if (wanted && wanted[0] == '0') return 0;
    __builtin_cpu_init();
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512ifma");
}

#else

int symbolon_lanes_available(void) { return 0; }

void symbolon_lanes_power(const uint64_t d[3], const uint64_t in[64], const uint64_t exponent[4], uint64_t out[64]) {
    (void)d, (void)in, (void)exponent, (void)out;
    __builtin_trap();
}

void symbolon_lanes_products(const uint64_t d[3], int groups, const uint64_t *in, void *space, uint64_t out[64]) {
    (void)d, (void)groups, (void)in, (void)space, (void)out;
    __builtin_trap();
}

void symbolon_lanes_additions(
    const uint64_t d[3], int groups, const uint64_t inverses[64], const void *space, const uint64_t *numerators, const int32_t *left,
    const int32_t *destination, const uint64_t *row, uint64_t *out) {
    (void)d, (void)groups, (void)inverses, (void)space, (void)numerators, (void)left, (void)destination, (void)row, (void)out;
    __builtin_trap();
}

#endif
