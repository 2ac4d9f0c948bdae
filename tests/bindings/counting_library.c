// Stands before the imageflow library and counts how inputs are handed over, for tests that a binding copies none.
//
//   cc -shared -fPIC counting_library.c -o libcounting.so -Wl,--no-as-needed /path/to/libimageflow.so
//
// Loaded in place of the library, it offers all of the library's functions: dlsym on a library also finds what it needs.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static atomic_int copied, borrowed, freed;
static _Atomic(const uint8_t *) last;

bool imageflow_context_add_input_buffer(void *context, int32_t io_id, const uint8_t *buffer, size_t size, int lifetime) {
    static _Atomic(void *) next;
    if (!next) next = dlsym(RTLD_NEXT, "imageflow_context_add_input_buffer");
    atomic_fetch_add(lifetime == 1 ? &borrowed : &copied, 1);
    last = buffer;
    return ((bool (*)(void *, int32_t, const uint8_t *, size_t, int))next)(context, io_id, buffer, size, lifetime);
}

bool imageflow_buffer_free(uint8_t *buffer, size_t size) {
    static _Atomic(void *) next;
    if (!next) next = dlsym(RTLD_NEXT, "imageflow_buffer_free");
    atomic_fetch_add(&freed, 1);
    return ((bool (*)(uint8_t *, size_t))next)(buffer, size);
}

// Inputs handed over with lifetime 1, and with any other.
int counted_borrowed_inputs(void) { return borrowed; }
int counted_copied_inputs(void) { return copied; }
// Where the last input was.
const uint8_t *counted_last_input(void) { return last; }
// Outputs that were taken and freed.
int counted_freed_outputs(void) { return freed; }
