// The functions of libimageflow this package uses, as a table: filled from the library found at run time (load_unix.c,
// load_windows.c), or by the linker (load_linked.c). Go cannot call function pointers, hence the wrappers below.
#ifndef IMAGEFLOW_GO_NATIVE_H
#define IMAGEFLOW_GO_NATIVE_H

#include "imageflow.h"

#define IFGO_REQUIRED(X) \
  X(abi_compatible) X(abi_version_major) X(abi_version_minor) \
  X(context_create) X(context_destroy) X(context_has_error) \
  X(context_error_code) X(context_error_as_http_code) X(context_error_write_to_buffer) \
  X(context_add_input_buffer) X(context_add_output_buffer) X(context_get_output_buffer_by_id) \
  X(context_send_json) X(json_response_read) X(context_request_cancellation)

// Since ABI 3.2. Without them outputs are copied.
#define IFGO_OPTIONAL(X) X(context_take_output_buffer) X(buffer_free)

struct ifgo_functions {
#define IFGO_FIELD(name) __typeof__(imageflow_##name) *name;
  IFGO_REQUIRED(IFGO_FIELD)
  IFGO_OPTIONAL(IFGO_FIELD)
#undef IFGO_FIELD
};

extern struct ifgo_functions ifgo;

// Fills the table from the file at `path`, which is UTF-8; a path without a folder is left to the system's search.
// NULL, or why it failed, as text to be freed.
char *ifgo_load(const char *path);

// Whether the table is filled by the linker, so that nothing has to be loaded.
bool ifgo_linked(void);

static inline bool ifgo_abi_compatible(uint32_t major, uint32_t minor) { return ifgo.abi_compatible(major, minor); }
static inline uint32_t ifgo_abi_major(void) { return ifgo.abi_version_major(); }
static inline uint32_t ifgo_abi_minor(void) { return ifgo.abi_version_minor(); }
static inline bool ifgo_can_take(void) { return ifgo.context_take_output_buffer && ifgo.buffer_free; }

static inline struct imageflow_context *ifgo_create(uint32_t major, uint32_t minor) {
  return ifgo.context_create(major, minor);
}
static inline void ifgo_destroy(struct imageflow_context *context) { ifgo.context_destroy(context); }
static inline void ifgo_cancel(struct imageflow_context *context) { ifgo.context_request_cancellation(context); }
static inline bool ifgo_has_error(struct imageflow_context *context) { return ifgo.context_has_error(context); }
static inline int32_t ifgo_error_code(struct imageflow_context *context) { return ifgo.context_error_code(context); }
static inline int32_t ifgo_error_http(struct imageflow_context *context) {
  return ifgo.context_error_as_http_code(context);
}
static inline bool ifgo_error_text(struct imageflow_context *context, char *buffer, size_t length, size_t *written) {
  return ifgo.context_error_write_to_buffer(context, buffer, length, written);
}

// The bytes are read in place until the context is destroyed.
static inline bool ifgo_add_input(struct imageflow_context *context, int32_t io_id, const uint8_t *bytes,
                                  size_t count) {
  return ifgo.context_add_input_buffer(context, io_id, bytes, count, imageflow_lifetime_lifetime_outlives_context);
}
static inline bool ifgo_add_output(struct imageflow_context *context, int32_t io_id) {
  return ifgo.context_add_output_buffer(context, io_id);
}
static inline bool ifgo_get_output(struct imageflow_context *context, int32_t io_id, const uint8_t **bytes,
                                   size_t *count) {
  return ifgo.context_get_output_buffer_by_id(context, io_id, bytes, count);
}
static inline bool ifgo_take_output(struct imageflow_context *context, int32_t io_id, uint8_t **bytes,
                                    size_t *count) {
  return ifgo.context_take_output_buffer(context, io_id, bytes, count);
}
static inline void ifgo_free_output(uint8_t *bytes, size_t count) { ifgo.buffer_free(bytes, count); }

// Sends a message and reads the response, which lives as long as the context. False when there is none.
static inline bool ifgo_send(struct imageflow_context *context, const char *method, const uint8_t *json, size_t length,
                             int64_t *status, const uint8_t **body, size_t *body_length) {
  const struct imageflow_json_response *response = ifgo.context_send_json(context, method, json, length);
  return response && ifgo.json_response_read(context, response, status, body, body_length);
}

#endif
