// The only way into jpegli: every call is noexcept and returns a status, so no C++ exception reaches the caller.
// jpegli's structures have the libjpeg 6.2 layout and are declared by the caller; here they are opaque.
// jpegli itself is compiled with -fexceptions, so a throw from the error callback runs its destructors.

#include <cstddef>
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
