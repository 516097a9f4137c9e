// Plays the record of a run of the test module again in a host without JavaScript, where it comes on standard input (WASI). Exits with 0 if every call
// gives the same bytes, 1 at the first that does not. Format, entrances and randomness are those of replay.js.
#include <stddef.h>
#include <stdint.h>

#define WASI(name) __attribute__((import_module("wasi_snapshot_preview1"), import_name(#name)))
struct piece {
    void *bytes;
    size_t count;
};
WASI(fd_read) int wasi_read(int file, const struct piece *pieces, size_t count, size_t *done);
WASI(fd_write) int wasi_write(int file, const struct piece *pieces, size_t count, size_t *done);
WASI(proc_exit) _Noreturn void wasi_exit(int code);

typedef unsigned char *bytes;
bytes room(int32_t);
int32_t field(int32_t, int32_t, bytes), sum(int32_t, int32_t, int32_t, bytes), base_point(int32_t, bytes), hash_to_curve(int32_t, int32_t, bytes);
void sponge(int32_t, int32_t, int32_t, bytes), generator(int32_t, int32_t, bytes), sha256(int32_t, bytes), random_scalar(bytes);
int32_t schema_digest(int32_t, bytes), scope(int32_t, bytes), request(int32_t, int32_t, bytes), wallet_secret(int32_t, int32_t, bytes);
int32_t whole_way(int32_t), verify_presentation(int32_t, bytes), present(int32_t, int64_t, int64_t, bytes);

enum { size = 1 << 16 };
static const unsigned char arguments[] = { 2, 3, 1, 2, 3, 2, 1, 0, 1, 1, 2, 2, 1, 1, 3 };

static int64_t call(unsigned entrance, const int64_t *a, bytes r) {
    switch (entrance) {
    case 0: return field((int32_t)a[0], (int32_t)a[1], r);
    case 1: return sum((int32_t)a[0], (int32_t)a[1], (int32_t)a[2], r);
    case 2: return base_point((int32_t)a[0], r);
    case 3: return hash_to_curve((int32_t)a[0], (int32_t)a[1], r);
    case 4: sponge((int32_t)a[0], (int32_t)a[1], (int32_t)a[2], r); return 0;
    case 5: generator((int32_t)a[0], (int32_t)a[1], r); return 0;
    case 6: sha256((int32_t)a[0], r); return 0;
    case 7: random_scalar(r); return 0;
    case 8: return schema_digest((int32_t)a[0], r);
    case 9: return scope((int32_t)a[0], r);
    case 10: return request((int32_t)a[0], (int32_t)a[1], r);
    case 11: return wallet_secret((int32_t)a[0], (int32_t)a[1], r);
    case 12: return whole_way((int32_t)a[0]);
    case 13: return verify_presentation((int32_t)a[0], r);
    default: return present((int32_t)a[0], a[1], a[2], r);
    }
}

static uint32_t state;

void fill_random(unsigned char *out, size_t count) {
    for (size_t i = 0; i < count; i++) {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        out[i] = (unsigned char)(state >> 8);
    }
}

// There is no second worker.
int help_begin(int curve, int gates, const void *terms, size_t count) { return 0; }
int help_end(void *sum_, size_t count) { return 0; }

static void say(const char *text, uint32_t number) {
    char digits[10];
    size_t at = sizeof digits, length = 0, done;
    do digits[--at] = (char)('0' + number % 10);
    while ((number /= 10) > 0);
    while (text[length]) length++;
    const struct piece pieces[] = { { (void *)text, length }, { digits + at, sizeof digits - at }, { "\n", 1 } };
    wasi_write(1, pieces, 3, &done);
}

static unsigned char buffer[size];
static size_t held, taken;

// Reads exactly so many bytes; at the end of the input it says 0 if none was read.
static int take(unsigned char *out, size_t count) {
    for (size_t i = 0; i < count; i++) {
        if (taken == held) {
            const struct piece all = { buffer, sizeof buffer };
            taken = held = 0;
            if (wasi_read(0, &all, 1, &held) != 0 || held == 0) {
                if (i == 0) return 0;
                wasi_exit(2);
            }
        }
        out[i] = buffer[taken++];
    }
    return 1;
}

static uint64_t number(size_t count) {
    unsigned char in[8] = { 0 };
    if (!take(in, count)) wasi_exit(2);
    uint64_t value = 0;
    while (count-- > 0) value = value << 8 | in[count];
    return value;
}

static unsigned char wanted[size];

__attribute__((export_name("_start"))) void start(void) {
    const bytes r = room(size);
    uint32_t calls = 0;
    unsigned char entrance;
    while (take(&entrance, 1)) {
        int64_t a[3];
        if (entrance >= sizeof arguments) wasi_exit(2);
        for (unsigned i = 0; i < arguments[entrance]; i++) a[i] = (int64_t)number(8);
        size_t count = number(4);
        if (count > size || (count > 0 && !take(r, count))) wasi_exit(2);
        state = (calls++ + 1) * 0x9E3779B1u | 1;
        const int64_t result = call(entrance, a, r);
        int same = result == (int64_t)number(8);
        count = number(4);
        if (count > size || (count > 0 && !take(wanted, count))) wasi_exit(2);
        for (size_t i = 0; i < count; i++) same &= wanted[i] == r[i];
        if (!same) {
            say("replay: another answer to call ", calls - 1);
            wasi_exit(1);
        }
    }
    say("replay: calls that agree: ", calls);
    wasi_exit(calls > 0 ? 0 : 2);
}
