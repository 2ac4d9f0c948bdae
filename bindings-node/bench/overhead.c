/* The jobs of overhead.mjs, from C: overhead LIBRARY PICTURE MESSAGE JOBS prints microseconds per job. */

#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include "../../include/imageflow_default.h"

static void *library;

#define LOAD(name) __typeof__(name) *p_##name = (__typeof__(name) *)dlsym(library, #name)

static uint8_t *slurp(const char *path, size_t *length) {
    FILE *file = fopen(path, "rb");
    if (!file) exit(66);
    uint8_t *bytes = malloc(1 << 20);
    *length = fread(bytes, 1, 1 << 20, file);
    fclose(file);
    return bytes;
}

int main(int argc, char **argv) {
    if (argc != 5 || !(library = dlopen(argv[1], RTLD_NOW))) return 64;
    LOAD(imageflow_context_create);
    LOAD(imageflow_context_add_input_buffer);
    LOAD(imageflow_context_add_output_buffer);
    LOAD(imageflow_context_send_json);
    LOAD(imageflow_json_response_read);
    LOAD(imageflow_context_get_output_buffer_by_id);
    LOAD(imageflow_context_destroy);
    size_t picture_length, message_length;
    uint8_t *picture = slurp(argv[2], &picture_length);
    uint8_t *message = slurp(argv[3], &message_length);
    int jobs = atoi(argv[4]);
    struct timespec start, end;
    for (int i = -50; i < jobs; i++) {
        /* The first fifty warm up. */
        if (i == 0) clock_gettime(CLOCK_MONOTONIC, &start);
        struct imageflow_context *context = p_imageflow_context_create(3, 1);
        p_imageflow_context_add_input_buffer(context, 0, picture, picture_length, imageflow_lifetime_lifetime_outlives_context);
        p_imageflow_context_add_output_buffer(context, 1);
        const struct imageflow_json_response *response = p_imageflow_context_send_json(context, "v1/execute", message, message_length);
        int64_t status;
        const uint8_t *bytes;
        size_t length;
        p_imageflow_json_response_read(context, response, &status, &bytes, &length);
        if (status != 200 || !p_imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &length)) return 70;
        p_imageflow_context_destroy(context);
    }
    clock_gettime(CLOCK_MONOTONIC, &end);
    printf("%f\n", ((end.tv_sec - start.tv_sec) * 1e9 + (end.tv_nsec - start.tv_nsec)) / 1e3 / jobs);
    return 0;
}
