// What Embedded Swift and UInt128 ask of a C library, for WebAssembly without one: memory, copying, a wide product, randomness of the page.
#include <stddef.h>
#include <stdint.h>

// ---- Memory. Block sizes are 32 bytes and upwards in steps of a quarter of a power of two; a freed block waits in the list of its
// size. Memory is never given back to the page: a wallet lives as long as its tab.

// Stands in the 16 bytes before the address that the caller sees.
struct header {
    struct header *next;  // in a list of free blocks
    uint32_t size;        // which of the sizes
    void *block;          // where the block begins: lower than this header when the caller wanted an alignment above 16
    uint32_t unused;
};

enum { smallest = 5, sizes = 4 * 27 };
static struct header *freed[sizes];
static uintptr_t end;
extern unsigned char __heap_base;

static size_t bytes_of(uint32_t size) { return ((size_t)4 + size % 4) << (smallest - 2 + size / 4); }

static uint32_t size_for(size_t bytes) {
    uint32_t size = 0;
    while (size < sizes && bytes_of(size) < bytes) size++;
    if (size == sizes) __builtin_trap();
    return size;
}

static void *fresh(size_t bytes) {
    const size_t page = 65536;
    if (end == 0) end = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    size_t present = __builtin_wasm_memory_size(0) * page;
    if (bytes > present - end) {
        size_t missing = (bytes - (present - end) + page - 1) / page;
        if (__builtin_wasm_memory_grow(0, missing) == (size_t)-1) __builtin_trap();
    }
    void *block = (void *)end;
    end += bytes;
    return block;
}

static void *allocate(size_t alignment, size_t count) {
    const size_t spare = alignment > 16 ? alignment : 0;
    if (count > (size_t)1 << 30 || spare > (size_t)1 << 20) __builtin_trap();
    uint32_t size = size_for(sizeof(struct header) + spare + count);
    struct header *reused = freed[size];
    void *block;
    if (reused) {
        freed[size] = reused->next;
        block = reused->block;
    } else {
        block = fresh(bytes_of(size));
    }
    uintptr_t address = (uintptr_t)block + sizeof(struct header);
    if (spare) address = (address + alignment - 1) & ~(uintptr_t)(alignment - 1);
    struct header *h = (struct header *)(address - sizeof(struct header));
    h->size = size;
    h->block = block;
    return (void *)address;
}

void *malloc(size_t count) { return allocate(16, count); }

int posix_memalign(void **out, size_t alignment, size_t count) {
    *out = allocate(alignment, count);
    return 0;
}

void free(void *address) {
    if (!address) return;
    struct header *h = (struct header *)address - 1;
    // The list is linked through the first header of a block, whatever alignment it had when it was in use.
    struct header *first = (struct header *)h->block;
    uint32_t size = h->size;
    first->block = first;
    first->next = freed[size];
    freed[size] = first;
}

// ---- Copying, by the instructions that WebAssembly has for it: the compiler puts them in place of these calls, in these bodies too.

void *memmove(void *to, const void *from, size_t count) { return __builtin_memmove(to, from, count); }

void *memcpy(void *to, const void *from, size_t count) { return __builtin_memcpy(to, from, count); }

void *memset(void *to, int value, size_t count) { return __builtin_memset(to, value, count); }

int memcmp(const void *a, const void *b, size_t count) {
    const unsigned char *x = a, *y = b;
    for (size_t i = 0; i < count; i++) {
        if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
    }
    return 0;
}

// ---- Arithmetic of 128-bit integers, by the names under which the compiler calls it.

// The product modulo 2^128. No branches.
__int128 __multi3(__int128 a, __int128 b) {
    const uint64_t mask = 0xffffffff;
    uint64_t x = (uint64_t)a, y = (uint64_t)b;
    uint64_t low = (x & mask) * (y & mask);
    uint64_t cross = (x >> 32) * (y & mask) + (low >> 32);
    uint64_t middle = (x & mask) * (y >> 32) + (cross & mask);
    uint64_t high = (x >> 32) * (y >> 32) + (cross >> 32) + (middle >> 32);
    high += x * (uint64_t)((unsigned __int128)b >> 64) + y * (uint64_t)((unsigned __int128)a >> 64);
    return (__int128)((unsigned __int128)high << 64 | middle << 32 | (low & mask));
}

// Shifts by 0 ... 127 places, which are public.

__int128 __ashlti3(__int128 a, int places) {
    uint64_t low = (uint64_t)a, high = (uint64_t)((unsigned __int128)a >> 64);
    if (places >= 64) {
        high = low << (places - 64);
        low = 0;
    } else if (places > 0) {
        high = high << places | low >> (64 - places);
        low <<= places;
    }
    return (__int128)((unsigned __int128)high << 64 | low);
}

__int128 __lshrti3(__int128 a, int places) {
    uint64_t low = (uint64_t)a, high = (uint64_t)((unsigned __int128)a >> 64);
    if (places >= 64) {
        low = high >> (places - 64);
        high = 0;
    } else if (places > 0) {
        low = low >> places | high << (64 - places);
        high >>= places;
    }
    return (__int128)((unsigned __int128)high << 64 | low);
}

// ---- The page.

__attribute__((import_module("env"), import_name("fill_random"))) void fill_random(void *bytes, size_t count);

void arc4random_buf(void *bytes, size_t count) { fill_random(bytes, count); }

__attribute__((import_module("env"), import_name("help_begin"))) int help_begin(int curve, int gates, const void *terms, size_t count);
__attribute__((import_module("env"), import_name("help_end"))) int help_end(void *sum, size_t count);

int symbolon_help_begin(int curve, int gates, const void *terms, size_t count) { return help_begin(curve, gates, terms, count); }

int symbolon_help_end(void *sum, size_t count) { return help_end(sum, count); }
