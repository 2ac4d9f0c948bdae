/* What every test program uses: counting checks, sending messages, reading errors. Include once per program. */
#ifndef CHECK_H
#define CHECK_H

#define _GNU_SOURCE
#include "imageflow_default.h"
#include <stdio.h>
#include <string.h>
#include <time.h>

static int checks_passed, checks_failed;

/* Notes a failure and goes on. */
#define CHECK(condition) check((condition), #condition, __FILE__, __LINE__)

static inline bool check(bool holds, const char *text, const char *file, int line) {
    if (holds) {
        __atomic_add_fetch(&checks_passed, 1, __ATOMIC_RELAXED);
    } else {
        __atomic_add_fetch(&checks_failed, 1, __ATOMIC_RELAXED);
        fprintf(stderr, "%s:%d: failed: %s\n", file, line, text);
    }
    return holds;
}

/* The last line of main. ctest/run adds up what this prints. */
static inline int summary(const char *name) {
    printf("%s: %d passed, %d failed\n", name, checks_passed, checks_failed);
    return checks_failed == 0 ? 0 : 1;
}

static inline struct imageflow_context *create(void) {
    return imageflow_context_create(IMAGEFLOW_ABI_VER_MAJOR, IMAGEFLOW_ABI_VER_MINOR);
}

/* The error text of a context; overwritten by the next call of the same thread. */
static inline const char *error_text(struct imageflow_context *context) {
    static __thread char text[8192];
    imageflow_context_error_write_to_buffer(context, text, sizeof text, NULL);
    return text;
}

/* Whether the context holds an error of this category, kind and text. */
static inline bool has_error(struct imageflow_context *context, int code, const char *kind, const char *part) {
    const char *text = error_text(context);
    bool holds = imageflow_context_has_error(context) && imageflow_context_error_code(context) == code && strstr(text, kind) &&
                 strstr(text, part);
    if (!holds) fprintf(stderr, "error %d: %s\n", imageflow_context_error_code(context), text);
    return holds;
}

/* Sends a message; returns the status, or 0 when there is no response. The text stays valid as long as the context. */
static inline int64_t send_text(struct imageflow_context *context, const char *method, const char *json, const char **text) {
    const struct imageflow_json_response *response =
        imageflow_context_send_json(context, method, (const uint8_t *)json, strlen(json));
    int64_t status = 0;
    const uint8_t *bytes = NULL;
    if (response == NULL || !imageflow_json_response_read(context, response, &status, &bytes, NULL)) return 0;
    if (text != NULL) *text = (const char *)bytes;
    return status;
}

static inline double milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* A job that keeps the engine busy for a while on any machine, without inputs: io_id 1 is its output. */
#define LONG_JOB                                                                                                        \
    "{\"security\":{\"max_frame_size\":{\"w\":20000,\"h\":20000,\"megapixels\":400}},\"framewise\":{\"steps\":["             \
    "{\"create_canvas\":{\"format\":\"bgra_32\",\"w\":9000,\"h\":9000,\"color\":{\"srgb\":{\"hex\":\"3366cc80\"}}}},"        \
    "{\"resample_2d\":{\"w\":9100,\"h\":9050}},"                                                                        \
    "{\"encode\":{\"io_id\":1,\"preset\":{\"lodepng\":{\"maximum_deflate\":true}}}}]}}"

#endif
