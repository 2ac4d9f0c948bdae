// Stands for libimageflow and does no imaging: it counts the calls it gets, and tells in its output. Built in variants:
//
//   ABI_MAJOR, ABI_MINOR   what it claims to be (3.2)
//   WITHOUT_TAKE           lacks the functions of ABI 3.2
//   WITHOUT_SEND           lacks a function every version has
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "imageflow.h"

#ifndef ABI_MAJOR
#define ABI_MAJOR 3
#endif
#ifndef ABI_MINOR
#define ABI_MINOR 2
#endif

struct imageflow_context {
  const uint8_t *input;
  size_t size;
  int lifetime;
  char output[256];
};

static int created, destroyed, copied, borrowed, taken, freed, requested;
static const char response[] = "{\"code\":200,\"success\":true,\"message\":\"OK\",\"data\":{\"job_result\":{}}}";

bool imageflow_abi_compatible(uint32_t major, uint32_t minor) { return major == ABI_MAJOR && minor <= ABI_MINOR; }
uint32_t imageflow_abi_version_major(void) { return ABI_MAJOR; }
uint32_t imageflow_abi_version_minor(void) { return ABI_MINOR; }

struct imageflow_context *imageflow_context_create(uint32_t major, uint32_t minor) {
  if (!imageflow_abi_compatible(major, minor)) return NULL;
  created++;
  return calloc(1, sizeof(struct imageflow_context));
}
void imageflow_context_destroy(struct imageflow_context *context) {
  destroyed++;
  free(context);
}
bool imageflow_context_has_error(struct imageflow_context *context) { return context == NULL; }
int32_t imageflow_context_error_code(struct imageflow_context *context) { return context == NULL; }
int32_t imageflow_context_error_as_http_code(struct imageflow_context *context) { return context == NULL; }
bool imageflow_context_error_write_to_buffer(struct imageflow_context *context, char *buffer, size_t length, size_t *written) {
  (void)context, (void)buffer, (void)length;
  *written = 0;
  return true;
}
void imageflow_context_request_cancellation(struct imageflow_context *context) {
  (void)context;
  requested++;
}

bool imageflow_context_add_input_buffer(struct imageflow_context *context, int32_t io_id, const uint8_t *buffer, size_t size,
                                        enum imageflow_lifetime lifetime) {
  (void)io_id;
  context->input = buffer;
  context->size = size;
  if (lifetime == imageflow_lifetime_lifetime_outlives_context) borrowed++;
  else copied++;
  return true;
}
bool imageflow_context_add_output_buffer(struct imageflow_context *context, int32_t io_id) {
  (void)context, (void)io_id;
  return true;
}

#ifndef WITHOUT_SEND
const struct imageflow_json_response *imageflow_context_send_json(struct imageflow_context *context, const char *method,
                                                                  const uint8_t *json, size_t size) {
  (void)json, (void)size;
  uint32_t sum = 0; // of what is in the input only now
  for (size_t at = 0; at < context->size; at++) sum += context->input[at];
  snprintf(context->output, sizeof context->output,
           "{\"method\":\"%s\",\"input\":\"%#" PRIxPTR "\",\"sum\":%u,\"created\":%d,\"destroyed\":%d,\"copied\":%d,"
           "\"borrowed\":%d,\"taken\":%d,\"freed\":%d,\"requested\":%d}",
           method, (uintptr_t)context->input, sum, created, destroyed, copied, borrowed, taken, freed, requested);
  return (const struct imageflow_json_response *)response;
}
#endif
bool imageflow_json_response_read(struct imageflow_context *context, const struct imageflow_json_response *response_in,
                                  int64_t *status, const uint8_t **body, size_t *size) {
  (void)context;
  *status = 200;
  *body = (const uint8_t *)response_in;
  *size = sizeof response - 1;
  return true;
}

bool imageflow_context_get_output_buffer_by_id(struct imageflow_context *context, int32_t io_id, const uint8_t **result,
                                               size_t *size) {
  (void)io_id;
  *result = (const uint8_t *)context->output;
  *size = strlen(context->output);
  return true;
}
#ifndef WITHOUT_TAKE
bool imageflow_context_take_output_buffer(struct imageflow_context *context, int32_t io_id, uint8_t **result, size_t *size) {
  (void)io_id;
  taken++;
  *size = strlen(context->output);
  *result = malloc(*size);
  memcpy(*result, context->output, *size);
  return true;
}
bool imageflow_buffer_free(uint8_t *buffer, size_t size) {
  (void)size;
  freed++;
  free(buffer);
  return true;
}
#endif
