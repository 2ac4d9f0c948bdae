// What a job costs without a binding: prints the median microseconds of N jobs that decode the PNG file and encode it as PNG.
//
//   cc -O2 raw_jobs.c -o raw_jobs -I../../include /path/to/libimageflow.so && ./raw_jobs in.png 3000
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "imageflow_default.h"

static const char message[] =
    "{\"framewise\":{\"steps\":[{\"decode\":{\"io_id\":0}},{\"encode\":{\"io_id\":1,\"preset\":{\"lodepng\":{}}}}]}}";

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static int job(const uint8_t *png, size_t size) {
    struct imageflow_context *context = imageflow_context_create(3, 2);
    int64_t status = 0;
    uint8_t *output = NULL;
    size_t length = 0;
    int ok = imageflow_context_add_input_buffer(context, 0, png, size, 1) && imageflow_context_add_output_buffer(context, 1);
    const struct imageflow_json_response *response =
        ok ? imageflow_context_send_json(context, "v1/execute", (const uint8_t *)message, sizeof message - 1) : NULL;
    ok = response && imageflow_json_response_read(context, response, &status, NULL, NULL) && status == 200 &&
         imageflow_context_take_output_buffer(context, 1, &output, &length) && length > 0;
    imageflow_context_destroy(context);
    imageflow_buffer_free(output, length);
    return ok;
}

int main(int count, char **args) {
    FILE *file = count == 3 ? fopen(args[1], "rb") : NULL;
    int jobs = count == 3 ? atoi(args[2]) : 0;
    static uint8_t png[1 << 20];
    if (!file || jobs < 1) return fprintf(stderr, "usage: raw_jobs in.png N\n"), 64;
    size_t size = fread(png, 1, sizeof png, file);
    double *times = malloc(sizeof *times * jobs);
    for (int at = 0; at < jobs; at++) {
        double start = now();
        if (!job(png, size)) return fprintf(stderr, "a job failed\n"), 70;
        times[at] = now() - start;
    }
    qsort(times, jobs, sizeof *times, compare);
    printf("%.1f\n", times[jobs / 2]);
    return 0;
}
