// The only way into jpegli: every call is noexcept and returns a status, so no C++ exception reaches the caller.
// jpegli's structures have the libjpeg 6.2 layout and are declared by the caller; here they are opaque.
// jpegli itself is compiled with -fexceptions, so a throw from the error callback runs its destructors.

#include <cstddef>
#include <cstdint>
#include <new>

extern "C" {
void jpegli_CreateCompress(void* cinfo, int version, size_t structsize);
void jpegli_destroy_compress(void* cinfo);
void jpegli_set_defaults(void* cinfo);
void jpegli_set_distance(void* cinfo, float distance, int force_baseline);
void jpegli_set_progressive_level(void* cinfo, int level);
void jpegli_start_compress(void* cinfo, int write_all_tables);
unsigned int jpegli_write_scanlines(void* cinfo, const unsigned char* const* rows, unsigned int count);
void jpegli_finish_compress(void* cinfo);
}

namespace {

struct Failure {};

struct Common;

// Gives access to rows of coefficients: libjpeg's access_virt_barray.
using Access = void* (*)(Common* cinfo, void* array, unsigned int start, unsigned int count, int writable);

// Allocates: libjpeg's alloc_small and alloc_large.
using Allocate = void* (*)(Common* cinfo, int pool, size_t size);

// libjpeg 6.2's jpeg_memory_mgr as far as it is needed.
struct Memory {
  Allocate allocate;
  void (*others[7])();
  Access access_blocks;
};

// libjpeg's progress monitor, and how the caller is asked whether to go on. The caller owns it and keeps it while the
// compressor lives.
struct Watch {
  void (*monitor)(Common* cinfo);
  long pass_counter;
  long pass_limit;
  int completed_passes;
  int total_passes;
  int (*may_continue)(void* state);
  void* state;
  unsigned char* spare;
  unsigned char* spare_end;
  Access access_blocks;
  Allocate allocate;
};

// What every libjpeg 6.2 structure begins with.
struct Common {
  void* error;
  Memory* memory;
  Watch* watch;
};

void ask(Common* cinfo) {
  if (!cinfo->watch->may_continue(cinfo->watch->state)) throw Failure{};
}

void* watched_access(Common* cinfo, void* array, unsigned int start, unsigned int count, int writable) {
  ask(cinfo);
  return cinfo->watch->access_blocks(cinfo, array, start, count, writable);
}

// Large pieces, of whole pictures, come from the caller's memory while it lasts. They live as long as the compressor.
void* spare_allocate(Common* cinfo, int pool, size_t size) {
  constexpr size_t kLarge = 64 << 10;
  constexpr uintptr_t kAlignment = 128;  // what jpegli gives its arrays
  Watch* watch = cinfo->watch;
  if (size >= kLarge) {
    const uintptr_t padding = -reinterpret_cast<uintptr_t>(watch->spare) % kAlignment;
    const size_t left = watch->spare_end - watch->spare;
    if (left >= padding && left - padding >= size) {
      unsigned char* piece = watch->spare + padding;
      watch->spare = piece + size;
      return piece;
    }
  }
  return watch->allocate(cinfo, pool, size);
}

enum Status { kOk = 0, kCodec = 1, kMemory = 2, kUnknown = 3 };

template <typename Call>
int guarded(Call call) noexcept {
  try {
    call();
    return kOk;
  } catch (const Failure&) {
    return kCodec;
  } catch (const std::bad_alloc&) {
    return kMemory;
  } catch (...) {
    return kUnknown;
  }
}

}  // namespace

extern "C" {

// jpeg_error_mgr::error_exit.
[[noreturn]] void imageflow_jpegli_error_exit(void*) { throw Failure{}; }

int imageflow_jpegli_create(void* cinfo, int version, size_t structsize) noexcept {
  return guarded([=] { jpegli_CreateCompress(cinfo, version, structsize); });
}

// jpegli reports progress while it takes rows, but not while it finishes. Every pass over the picture fetches its rows of
// coefficients through the memory manager, though: there the caller is asked too.
void imageflow_jpegli_watch(void* cinfo, void* state) noexcept {
  auto* common = static_cast<Common*>(cinfo);
  auto* watch = static_cast<Watch*>(state);
  watch->monitor = ask;
  watch->access_blocks = common->memory->access_blocks;
  common->memory->access_blocks = watched_access;
  watch->allocate = common->memory->allocate;
  common->memory->allocate = spare_allocate;
  common->watch = watch;
}

int imageflow_jpegli_set_defaults(void* cinfo) noexcept {
  return guarded([=] { jpegli_set_defaults(cinfo); });
}

int imageflow_jpegli_set_distance(void* cinfo, float distance, int force_baseline) noexcept {
  return guarded([=] { jpegli_set_distance(cinfo, distance, force_baseline); });
}

int imageflow_jpegli_start(void* cinfo, int progressive_level) noexcept {
  return guarded([=] {
    jpegli_set_progressive_level(cinfo, progressive_level);
    jpegli_start_compress(cinfo, 1);
  });
}

int imageflow_jpegli_write(void* cinfo, const unsigned char* const* rows, unsigned int count,
                           unsigned int* taken) noexcept {
  return guarded([=] { *taken = jpegli_write_scanlines(cinfo, rows, count); });
}

int imageflow_jpegli_finish(void* cinfo) noexcept {
  return guarded([=] { jpegli_finish_compress(cinfo); });
}

int imageflow_jpegli_destroy(void* cinfo) noexcept {
  return guarded([=] { jpegli_destroy_compress(cinfo); });
}

}  // extern "C"
