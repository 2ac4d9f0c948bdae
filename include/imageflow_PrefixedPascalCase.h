#ifndef generated_imageflow_h
#define generated_imageflow_h

// Generated from libimageflow/src; do not edit. Tutorial: the documentation of libimageflow/src/lib.rs.

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

// Major ABI version: changes when something existing changes.
#define IMAGEFLOW_ABI_VER_MAJOR 3

// Minor ABI version: changes when a function is added.
#define IMAGEFLOW_ABI_VER_MINOR 2

struct imageflow_job;

struct imageflow_job_io;

#ifdef __cplusplus
extern "C" {
#endif

// How long the bytes passed to a function stay valid.
typedef enum ImageflowLifetime {
  // At least until the function returns: the library copies the bytes.
  ImageflowLifetimeLifetimeOutlivesFunctionCall = 0,
  // Until the context is destroyed, and unchanged: the library reads them in place.
  ImageflowLifetimeLifetimeOutlivesContext = 1,
} ImageflowLifetime;

// A context: inputs, outputs, limits and the first error.
struct ImageflowContext;

// A response to a message; read it with `imageflow_json_response_read`.
struct ImageflowJsonResponse;

// Tells whether a client written against ABI `major`.`minor` can use this library. True when the major versions are equal
// and this library's minor version is not lower.
bool imageflow_abi_compatible(uint32_t major,
                              uint32_t minor);

// The major ABI version of this library.
uint32_t imageflow_abi_version_major(void);

// The minor ABI version of this library.
uint32_t imageflow_abi_version_minor(void);

// Frees a buffer taken with `imageflow_context_take_output_buffer`. NULL does nothing, and so does a pointer this library
// does not know, or knows no longer. Always true.
//
// Requirements:
// Nobody uses `buffer` any more.
bool imageflow_buffer_free(uint8_t *buffer,
                           size_t length);

// Adds an input. Its first bytes must belong to a known image format.
//
// `lifetime` says whether the bytes are copied before this returns (0) or read in place (1): then they must stay valid and
// unchanged until `imageflow_context_destroy` has returned. Any other value copies.
//
// False when the context holds an error, before or by this call: `io_id` is in use, no decoder knows the bytes.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; `buffer` is NULL (an error) or has
// `buffer_byte_count` readable bytes for the lifetime given.
bool imageflow_context_add_input_buffer(struct ImageflowContext *context,
                                        int32_t io_id,
                                        const uint8_t *buffer,
                                        size_t buffer_byte_count,
                                        enum ImageflowLifetime lifetime);

// Adds an output whose bytes are kept in memory.
//
// False when the context holds an error, before or by this call: `io_id` is in use.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_add_output_buffer(struct ImageflowContext *context, int32_t io_id);

// Drops inputs, outputs and codecs early. The error stays readable, and pointers to output buffers stay valid until the
// context is destroyed. Waits for a running job. Always true.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_begin_terminate(struct ImageflowContext *context);

// Makes a context. `major` and `minor` are the ABI version the caller was written against
// (IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR).
//
// Returns NULL when that version is not compatible with this library, or when there is no memory. The caller destroys the
// context exactly once.
struct ImageflowContext *imageflow_context_create(uint32_t major,
                                                  uint32_t minor);

// Frees the context and everything it owns: responses, output buffers that were not taken, allocated memory. NULL does
// nothing. No other call on this context may be running or start.
//
// Requirements:
// `context` is NULL or came from `imageflow_context_create` and was not destroyed; no other thread uses it.
void imageflow_context_destroy(struct ImageflowContext *context);

// The exit code a command line tool should end with because of the error; 0 when there is no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
int32_t imageflow_context_error_as_exit_code(struct ImageflowContext *context);

// The HTTP status a server should answer with because of the error; 200 when there is no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
int32_t imageflow_context_error_as_http_code(struct ImageflowContext *context);

// The number of the error's category; 0 when there is no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
int32_t imageflow_context_error_code(struct ImageflowContext *context);

// True when there is no error, false when there is one: no error of this version can be recovered from.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_error_recoverable(struct ImageflowContext *context);

// True when there is no error, false when there is one: no error of this version can be cleared.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_error_try_clear(struct ImageflowContext *context);

// Writes the error as UTF-8 text that ends with NUL; an empty text when there is no error. Allocates nothing.
//
// True when the whole text fits into `buffer_length` bytes with its NUL. Otherwise false, and the buffer holds the
// beginning of the text and `\n[truncated]\n`, or an empty text when there is not even room for that.
// `bytes_written`, which may be NULL, gets the number of bytes before the NUL.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; `buffer` is NULL (the result is false then) or has
// `buffer_length` writable bytes; `bytes_written` is NULL or writable.
bool imageflow_context_error_write_to_buffer(struct ImageflowContext *context,
                                             char *buffer,
                                             size_t buffer_length,
                                             size_t *bytes_written);

// Gives access to the bytes of an output: none, at a pointer that is not NULL, when nothing was written. They stay valid
// until the context is destroyed. Works also when the context holds an error.
//
// False, and an error, when `io_id` is not an output buffer or was taken.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL (an error) or writable.
bool imageflow_context_get_output_buffer_by_id(struct ImageflowContext *context,
                                               int32_t io_id,
                                               const uint8_t **result_buffer,
                                               size_t *result_buffer_length);

// Tells whether the context holds an error. Such a context refuses all work; read its error and outputs, then destroy it.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_has_error(struct ImageflowContext *context);

// Allocates zeroed memory, aligned to 16 bytes, which the context owns: freed by `imageflow_context_memory_free` or with
// the context. `filename` (may be NULL) and `line` say in error text who asked.
//
// Returns NULL when there is no memory (the context is in error then), or when the context was in error before.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; `filename` is NULL or ends with NUL.
void *imageflow_context_memory_allocate(struct ImageflowContext *context,
                                        size_t bytes,
                                        const char *filename,
                                        int32_t line);

// Frees memory allocated with `imageflow_context_memory_allocate` on the same context. True when it was freed, and for
// NULL; false for a pointer the context does not know, or knows no longer. Sets no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; nobody uses the memory any more.
bool imageflow_context_memory_free(struct ImageflowContext *context,
                                   void *pointer,
                                   const char *_filename,
                                   int32_t _line);

// Prints the error to stderr and exits the process with its exit code. False when there is no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed.
bool imageflow_context_print_and_exit_if_error(struct ImageflowContext *context);

// Asks a running job to stop, and refuses later ones. Returns at once; callable from any thread. The context is in error
// (code 21, HTTP status 499) from now on, unless it had an error before, and cannot be used again.
//
// A codec that cannot be interrupted is left behind: it ends on a thread of its own, with memory of its own, and the job
// does not wait for it.
//
// Requirements:
// `context` came from `imageflow_context_create` and is not destroyed before this returns.
void imageflow_context_request_cancellation(struct ImageflowContext *context);

// Sends a message: `method` (such as "v1/execute") says what to do, `json_buffer` holds its parameters as UTF-8 JSON.
//
// Returns a response, whose status is 200 or that of an error; `imageflow_json_response_read` reads it. It belongs to the
// context; `imageflow_json_response_destroy` frees it early. NULL when an argument is NULL or invalid, or there is no
// memory: the context's error says which. The arguments are not used after the call.
//
// A host that takes jobs from others sends "v1/lock" first: {"security":{...},"allow_files":false} sets limits that the
// jobs of this context can only lower from then on, and refuses jobs that name files.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; `method` is NULL (an error) or ends with NUL;
// `json_buffer` is NULL (an error) or has `json_buffer_size` readable bytes.
const struct ImageflowJsonResponse *imageflow_context_send_json(struct ImageflowContext *context,
                                                                const char *method,
                                                                const uint8_t *json_buffer,
                                                                size_t json_buffer_size);

// Moves the bytes of an output out of the context. The caller frees them with `imageflow_buffer_free`, before or after the
// context. The pointer is not NULL even when nothing was written. Works also when the context holds an error.
//
// False, and an error, when `io_id` is not an output buffer, was taken, or was given access to by
// `imageflow_context_get_output_buffer_by_id`.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL (an error) or writable.
bool imageflow_context_take_output_buffer(struct ImageflowContext *context,
                                          int32_t io_id,
                                          uint8_t **result_buffer,
                                          size_t *result_buffer_length);

// Frees a response. True when it was freed, and for NULL; false for a pointer the context does not know, or knows no
// longer. Sets no error.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; nobody uses the response any more.
bool imageflow_json_response_destroy(struct ImageflowContext *context,
                                     struct ImageflowJsonResponse *response);

// Reads a response: its status, and its UTF-8 text with the number of bytes. Results nobody wants may be NULL. The text
// stays valid until the response or the context is destroyed; a NUL follows it.
//
// True; false and an error when `response_in` is NULL or not a response of this context.
//
// Requirements:
// `context` came from `imageflow_context_create` and was not destroyed; the other pointers are NULL or writable.
bool imageflow_json_response_read(struct ImageflowContext *context,
                                  const struct ImageflowJsonResponse *response_in,
                                  int64_t *status_as_http_code_out,
                                  const uint8_t **buffer_utf8_no_nulls_out,
                                  size_t *buffer_size_out);

#ifdef __cplusplus
}
#endif

#endif /* generated_imageflow_h */
