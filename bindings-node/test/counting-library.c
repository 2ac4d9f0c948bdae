/* A library with imageflow's ABI that makes no pictures but keeps count: of contexts, and of what it is told about inputs.
 * The endpoint "count" reports. Compiled by the tests that use it. */

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define IDS 8

typedef struct {
    int64_t status;
    size_t length;
    char text[2048];
} Response;

typedef struct {
    const uint8_t *input[IDS];
    size_t input_length[IDS];
    bool output[IDS];
    /* The last response, when it is still there: the context owns it. */
    Response *response;
} Context;

static int created, destroyed, copied, borrowed;
static int64_t responses;
/* Sums of the bytes of all borrowed inputs: as they were added, and as they still were when the context was destroyed. */
static uint64_t sum_added, sum_destroyed;

static uint64_t sum(const uint8_t *bytes, size_t length) {
    uint64_t total = 0;
    for (size_t i = 0; i < length; i++) total += bytes[i];
    return total;
}

bool imageflow_abi_compatible(uint32_t major, uint32_t minor) { return major == 3 && minor <= 1; }
uint32_t imageflow_abi_version_major(void) { return 3; }
uint32_t imageflow_abi_version_minor(void) { return 1; }

void *imageflow_context_create(uint32_t major, uint32_t minor) {
    if (!imageflow_abi_compatible(major, minor)) return NULL;
    created++;
    return calloc(1, sizeof(Context));
}

void imageflow_context_destroy(Context *context) {
    for (int i = 0; i < IDS; i++) {
        if (context->input[i]) sum_destroyed += sum(context->input[i], context->input_length[i]);
    }
    destroyed++;
    if (context->response) {
        free(context->response);
        responses--;
    }
    free(context);
}

bool imageflow_context_add_input_buffer(Context *context, int32_t id, const uint8_t *bytes, size_t length, int lifetime) {
    if (lifetime == 1) {
        borrowed++;
        sum_added += sum(bytes, length);
        context->input[id] = bytes;
        context->input_length[id] = length;
    } else {
        copied++;
    }
    return true;
}

bool imageflow_context_add_output_buffer(Context *context, int32_t id) {
    context->output[id] = true;
    return true;
}

bool imageflow_context_get_output_buffer_by_id(Context *context, int32_t id, const uint8_t **bytes, size_t *length) {
    (void)context;
    (void)id;
    *bytes = (const uint8_t *)"picture";
    *length = 7;
    return true;
}

void *imageflow_context_send_json(Context *context, const char *method, const uint8_t *json, size_t length) {
    (void)json;
    (void)length;
    Response *response = calloc(1, sizeof(Response));
    context->response = response;
    responses++;
    response->status = 200;
    int n = 0;
#define PRINT(...) n += snprintf(response->text + n, sizeof(response->text) - n, __VA_ARGS__)
    if (strcmp(method, "count") == 0) {
        PRINT("{\"created\":%d,\"destroyed\":%d,\"copied\":%d,\"borrowed\":%d,\"responses\":%lld,", created, destroyed, copied,
              borrowed, (long long)responses);
        PRINT("\"sum_added\":%llu,\"sum_destroyed\":%llu}", (unsigned long long)sum_added, (unsigned long long)sum_destroyed);
    } else if (strcmp(method, "first") == 0) {
        PRINT("%d", context->input[0][0]);
    } else {
        PRINT("{\"code\":200,\"success\":true,\"message\":\"OK\",\"data\":{\"job_result\":{\"decodes\":[],\"encodes\":[");
        const char *comma = "";
        for (int i = 0; i < IDS; i++) {
            if (!context->output[i]) continue;
            PRINT("%s{\"io_id\":%d,\"w\":1,\"h\":1,\"bytes\":\"elsewhere\"}", comma, i);
            comma = ",";
        }
        PRINT("]}}}");
    }
    response->length = n;
    return response;
}

bool imageflow_json_response_read(Context *context, const Response *response, int64_t *status, const char **text, size_t *length) {
    (void)context;
    *status = response->status;
    *text = response->text;
    *length = response->length;
    return true;
}

bool imageflow_json_response_destroy(Context *context, Response *response) {
    context->response = NULL;
    responses--;
    free(response);
    return true;
}

int32_t imageflow_context_error_code(Context *context) { (void)context; return 0; }
int32_t imageflow_context_error_as_http_code(Context *context) { (void)context; return 200; }
bool imageflow_context_error_write_to_buffer(Context *context, char *buffer, size_t length, size_t *written) {
    (void)context;
    if (length) buffer[0] = 0;
    *written = 0;
    return true;
}
void imageflow_context_request_cancellation(Context *context) { (void)context; }
