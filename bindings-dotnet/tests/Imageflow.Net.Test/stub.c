/* A library with the imageflow ABI that logs what is done with inputs and outputs instead of processing images. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifndef ABI_MAJOR
#define ABI_MAJOR 3
#endif
#ifndef ABI_MINOR
#define ABI_MINOR 2
#endif

struct context {
    const uint8_t *input;
    size_t length;
};

static const char ANSWER[] =
    "{\"code\":200,\"success\":true,\"message\":\"OK\",\"data\":{\"job_result\":{\"encodes\":[{"
    "\"preferred_mime_type\":\"text/plain\",\"preferred_extension\":\"txt\",\"io_id\":1,\"w\":1,\"h\":1,"
    "\"bytes\":\"elsewhere\"}],\"decodes\":[],\"performance\":{\"frames\":[]}}}}";

static uint8_t *output;

static void log_line(const char *text, long a, long b)
{
    FILE *log = fopen(getenv("STUB_LOG"), "a");
    fprintf(log, text, a, b);
    fclose(log);
}

bool imageflow_abi_compatible(uint32_t major, uint32_t minor) { return major == ABI_MAJOR && minor <= ABI_MINOR; }
uint32_t imageflow_abi_version_major(void) { return ABI_MAJOR; }
uint32_t imageflow_abi_version_minor(void) { return ABI_MINOR; }

void *imageflow_context_create(uint32_t major, uint32_t minor)
{
    return imageflow_abi_compatible(major, minor) ? calloc(1, sizeof(struct context)) : NULL;
}

void imageflow_context_destroy(struct context *c)
{
    long intact = c->input != NULL;
    for (size_t i = 0; i < c->length; i++)
        intact &= c->input[i] == 7;
    log_line("destroy intact=%ld\n", intact, 0);
    free(c);
}

bool imageflow_context_has_error(struct context *c) { (void)c; return false; }
int32_t imageflow_context_error_code(struct context *c) { (void)c; return 0; }
int32_t imageflow_context_error_as_http_code(struct context *c) { (void)c; return 200; }

bool imageflow_context_error_write_to_buffer(struct context *c, char *b, size_t n, size_t *w)
{
    (void)c; (void)n;
    *b = 0;
    *w = 0;
    return true;
}

const void *imageflow_context_send_json(struct context *c, const char *m, const uint8_t *j, size_t n)
{
    (void)m; (void)j; (void)n;
    char text[64];
    int length = snprintf(text, sizeof text, "%lx", (long)c->input);
    output = malloc((size_t)length);
    memcpy(output, text, (size_t)length);
    return ANSWER;
}

bool imageflow_json_response_read(
    struct context *c, const void *r, int64_t *status, const uint8_t **text, size_t *length)
{
    (void)c;
    *status = 200;
    *text = r;
    *length = sizeof ANSWER - 1;
    return true;
}

bool imageflow_json_response_destroy(struct context *c, void *r)
{
    (void)c; (void)r;
    return true;
}

bool imageflow_context_add_input_buffer(
    struct context *c, int32_t io_id, const uint8_t *bytes, size_t length, int lifetime)
{
    (void)io_id;
    c->input = bytes;
    c->length = length;
    log_line("add length=%ld lifetime=%ld\n", (long)length, lifetime);
    return true;
}

bool imageflow_context_add_output_buffer(struct context *c, int32_t io_id)
{
    (void)c; (void)io_id;
    return true;
}

bool imageflow_context_get_output_buffer_by_id(struct context *c, int32_t io_id, const uint8_t **bytes, size_t *length)
{
    (void)c; (void)io_id;
    log_line("get\n", 0, 0);
    *bytes = output;
    *length = strlen("7f0000000000");
    return true;
}

void imageflow_context_request_cancellation(struct context *c) { (void)c; }

#if ABI_MINOR >= 2
bool imageflow_context_take_output_buffer(struct context *c, int32_t io_id, uint8_t **bytes, size_t *length)
{
    (void)c; (void)io_id;
    log_line("take\n", 0, 0);
    *bytes = output;
    *length = strlen("7f0000000000");
    return true;
}

bool imageflow_buffer_free(uint8_t *bytes, size_t length)
{
    log_line("free own=%ld length=%ld\n", bytes == output, (long)length);
    free(bytes);
    return true;
}
#endif
