/* Threads, small stacks and cancellation (abi.md sections 9 and 10). */
#include "check.h"
#include "sample_jpeg.h"
#include <pthread.h>
#include <unistd.h>

static const char SHRINK[] = "{\"framewise\":{\"steps\":[{\"decode\":{\"io_id\":0}},{\"resample_2d\":{\"w\":20,\"h\":15}},"
                             "{\"encode\":{\"io_id\":1,\"preset\":{\"lodepng\":{}}}}]}}";

static bool is_slow(void) { return getenv("IMAGEFLOW_CTEST_SLOW") != NULL; }

/* One whole job on a context of its own. */
static bool job(void) {
    struct imageflow_context *context = create();
    const uint8_t *bytes = NULL;
    size_t count = 0;
    bool good = imageflow_context_add_input_buffer(context, 0, sample_jpeg, sizeof sample_jpeg,
                                                   imageflow_lifetime_lifetime_outlives_context) &&
                imageflow_context_add_output_buffer(context, 1) &&
                send_text(context, "v1/execute", SHRINK, NULL) == 200 &&
                imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count) && count > 50;
    if (!good) fprintf(stderr, "%s\n", error_text(context));
    imageflow_context_destroy(context);
    return good;
}

static void *many_jobs(void *count) {
    int failed = 0;
    for (int i = 0; i < *(int *)count; i++) failed += !job();
    CHECK(failed == 0);
    return NULL;
}

static void *one_job(void *unused) {
    (void)unused;
    CHECK(job());
    return NULL;
}

static void parallel(void) {
    int count = is_slow() ? 2 : 100;
    pthread_t threads[16];
    for (int i = 0; i < 16; i++) pthread_create(&threads[i], NULL, many_jobs, &count);
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL);
}

static void *empty_contexts(void *count) {
    int failed = 0;
    for (int i = 0; i < *(int *)count; i++) {
        struct imageflow_context *context = create();
        failed += imageflow_context_has_error(context);
        imageflow_context_destroy(context);
    }
    CHECK(failed == 0);
    return NULL;
}

static void many_contexts(void) {
    int count = is_slow() ? 50 : 1000;
    pthread_t threads[16];
    for (int i = 0; i < 16; i++) pthread_create(&threads[i], NULL, empty_contexts, &count);
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL);
}

static void small_stacks(void) {
    const size_t sizes[] = {128 << 10, 256 << 10, 1 << 20};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        pthread_attr_t attributes;
        pthread_t thread;
        pthread_attr_init(&attributes);
        pthread_attr_setstacksize(&attributes, sizes[i]);
        CHECK(pthread_create(&thread, &attributes, one_job, NULL) == 0);
        pthread_join(thread, NULL);
        pthread_attr_destroy(&attributes);
    }
}

static void idle_cancellation(void) {
    struct imageflow_context *context = create();
    const char *text = NULL;
    const uint8_t *bytes = NULL;
    size_t count = 0;
    CHECK(imageflow_context_add_output_buffer(context, 1));
    imageflow_context_request_cancellation(context);
    imageflow_context_request_cancellation(context);
    CHECK(has_error(context, 21, "OperationCancelled: OperationCancelled: Cancellation was requested", ""));
    CHECK(imageflow_context_error_as_exit_code(context) == 130 && imageflow_context_error_as_http_code(context) == 499);
    CHECK(!imageflow_context_error_try_clear(context) && !imageflow_context_error_recoverable(context));
    CHECK(send_text(context, "v1/get_version_info", "{}", &text) == 499 && strstr(text, "\"code\": 499"));
    CHECK(!imageflow_context_add_output_buffer(context, 2));
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count));
    imageflow_context_destroy(context);
}

static void error_before_cancellation(void) {
    struct imageflow_context *context = create();
    CHECK(send_text(context, "nope", "{}", NULL) == 400);
    imageflow_context_request_cancellation(context);
    CHECK(imageflow_context_error_code(context) == 2);
    imageflow_context_destroy(context);
}

/* A job that runs while the main thread does something else. */
struct running {
    struct imageflow_context *context;
    int64_t status;
    double ended;
    bool waiter_result;
    double waiter_ended;
};

static void *run_long_job(void *argument) {
    struct running *running = argument;
    running->status = send_text(running->context, "v1/execute", LONG_JOB, NULL);
    running->ended = milliseconds();
    return NULL;
}

static void *wait_for_turn(void *argument) {
    struct running *running = argument;
    running->waiter_result = imageflow_context_add_output_buffer(running->context, 7);
    running->waiter_ended = milliseconds();
    return NULL;
}

static void pause_for(double delay) { usleep((useconds_t)(delay * 1e3)); }

/* The quickest return of imageflow_context_request_cancellation, in ms. */
static double quickest_request = 1e9;

/* Cancels after `delay` ms; returns how long the job ran on. */
static double cancel_after(double delay) {
    struct running running = {create(), 0, 0, true, 0};
    pthread_t thread;
    CHECK(imageflow_context_add_output_buffer(running.context, 1));
    pthread_create(&thread, NULL, run_long_job, &running);
    pause_for(delay);
    double asked = milliseconds();
    imageflow_context_request_cancellation(running.context);
    double returned = milliseconds();
    if (returned - asked < quickest_request) quickest_request = returned - asked;
    CHECK(imageflow_context_has_error(running.context));
    pthread_join(thread, NULL);
    CHECK(running.status == 499 || (running.status == 200 && running.ended <= asked + 1));
    CHECK(imageflow_context_error_code(running.context) == 21);
    imageflow_context_destroy(running.context);
    return running.ended - asked;
}

static void running_cancellation(void) {
    double worst = 0;
    int points = is_slow() ? 2 : 40;
    for (int i = 0; i < points; i++) {
        double late = cancel_after(i * 7);
        if (late > worst) worst = late;
    }
    printf("threads: %d cancellations, the slowest took %.1f ms\n", points, worst);
    CHECK(quickest_request < 1 || is_slow());
    /* The goal is 25 ms; other processes on the machine get ten times that. */
    CHECK(worst < 250 || is_slow());
}

/* While one thread runs a job and another waits for its turn, a third must not have to wait. */
static void nothing_else_waits(void) {
    struct running running = {create(), 0, 0, true, 0};
    pthread_t job_thread, waiter;
    const struct imageflow_json_response *response;
    char text[64];
    imageflow_context_add_output_buffer(running.context, 1);
    response = imageflow_context_send_json(running.context, "brew_coffee", (const uint8_t *)"", 0);
    pthread_create(&job_thread, NULL, run_long_job, &running);
    pause_for(50);
    pthread_create(&waiter, NULL, wait_for_turn, &running);
    pause_for(50);
    double start = milliseconds();
    CHECK(!imageflow_context_has_error(running.context));
    CHECK(imageflow_context_error_code(running.context) == 0);
    CHECK(imageflow_context_error_as_http_code(running.context) == 200);
    CHECK(imageflow_context_error_write_to_buffer(running.context, text, sizeof text, NULL));
    CHECK(imageflow_context_error_try_clear(running.context));
    CHECK(!imageflow_context_print_and_exit_if_error(running.context));
    CHECK(imageflow_json_response_read(running.context, response, NULL, NULL, NULL));
    CHECK(imageflow_json_response_destroy(running.context, (struct imageflow_json_response *)response));
    void *memory = imageflow_context_memory_allocate(running.context, 1000, NULL, 0);
    CHECK(imageflow_context_memory_free(running.context, memory, NULL, 0));
    CHECK(milliseconds() - start < 20 || is_slow());
    double asked = milliseconds();
    imageflow_context_request_cancellation(running.context);
    pthread_join(waiter, NULL);
    CHECK(!running.waiter_result && (running.waiter_ended - asked < 20 || is_slow()));
    pthread_join(job_thread, NULL);
    CHECK(running.status == 499);
    imageflow_context_destroy(running.context);
}

/* Every function of one context from many threads at once: nothing crashes, jobs take turns. */
static void *use_shared(void *argument) {
    struct imageflow_context *context = argument;
    const char *text = NULL;
    int failed = 0;
    for (int i = 0; i < (is_slow() ? 5 : 200); i++) {
        failed += send_text(context, "v0.1/get_version_info", "{}", &text) != 200;
        void *memory = imageflow_context_memory_allocate(context, 32, NULL, 0);
        failed += !imageflow_context_memory_free(context, memory, NULL, 0);
        failed += imageflow_context_has_error(context);
    }
    CHECK(failed == 0);
    return NULL;
}

static void shared_context(void) {
    struct imageflow_context *context = create();
    pthread_t threads[8];
    for (int i = 0; i < 8; i++) pthread_create(&threads[i], NULL, use_shared, context);
    for (int i = 0; i < 8; i++) pthread_join(threads[i], NULL);
    imageflow_context_destroy(context);
}

int main(void) {
    many_contexts();
    shared_context();
    idle_cancellation();
    error_before_cancellation();
    small_stacks();
    parallel();
    running_cancellation();
    nothing_else_waits();
    return summary("threads");
}
