// Requests to valgrind's memcheck, which are macros and so out of Swift's reach. Outside valgrind they do nothing.
#pragma once
#include <stddef.h>
#include <valgrind/memcheck.h>

/// From here on valgrind reports every branch and every address that depends on these bytes.
static inline void memcheck_mark_secret(const void *bytes, size_t count) { (void)VALGRIND_MAKE_MEM_UNDEFINED(bytes, count); }

/// These bytes are known to everybody, whatever they were computed from.
static inline void memcheck_mark_public(const void *bytes, size_t count) { (void)VALGRIND_MAKE_MEM_DEFINED(bytes, count); }

/// Whether this process runs under valgrind.
static inline int memcheck_runs(void) { return RUNNING_ON_VALGRIND != 0; }

/// How many errors valgrind has reported.
static inline unsigned long memcheck_errors(void) { return (unsigned long)VALGRIND_COUNT_ERRORS; }
