/* ABI version, creating, terminating and destroying contexts (abi.md sections 2 and 3). */
#include "check.h"

static void versions(void) {
    CHECK(imageflow_abi_version_major() == 3 && imageflow_abi_version_minor() == 2);
    CHECK(IMAGEFLOW_ABI_VER_MAJOR == 3 && IMAGEFLOW_ABI_VER_MINOR == 2);
    for (uint32_t minor = 0; minor <= 2; minor++) {
        CHECK(imageflow_abi_compatible(3, minor));
        struct imageflow_context *context = imageflow_context_create(3, minor);
        CHECK(context != NULL);
        imageflow_context_destroy(context);
    }
    const uint32_t refused[][2] = {{3, 3}, {2, 0}, {2, 2}, {4, 0}, {0, 0}, {3, UINT32_MAX}, {UINT32_MAX, 0}};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        CHECK(!imageflow_abi_compatible(refused[i][0], refused[i][1]));
        CHECK(imageflow_context_create(refused[i][0], refused[i][1]) == NULL);
    }
}

static void types(void) {
    CHECK(sizeof(bool) == 1);
    CHECK(sizeof(enum imageflow_lifetime) == 4);
    CHECK(imageflow_lifetime_lifetime_outlives_function_call == 0);
    CHECK(imageflow_lifetime_lifetime_outlives_context == 1);
}

static void fresh_context(void) {
    struct imageflow_context *context = create();
    CHECK(!imageflow_context_has_error(context));
    CHECK(imageflow_context_error_recoverable(context));
    CHECK(imageflow_context_error_try_clear(context));
    CHECK(imageflow_context_error_code(context) == 0);
    CHECK(imageflow_context_error_as_exit_code(context) == 0);
    CHECK(imageflow_context_error_as_http_code(context) == 200);
    CHECK(!imageflow_context_print_and_exit_if_error(context));
    imageflow_context_destroy(context);
    imageflow_context_destroy(NULL);
    CHECK(true);
}

static void terminate(void) {
    struct imageflow_context *context = create();
    const uint8_t *bytes = NULL;
    size_t count = 99;
    CHECK(imageflow_context_add_output_buffer(context, 1));
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count) && bytes != NULL && count == 0);
    CHECK(imageflow_context_begin_terminate(context));
    CHECK(imageflow_context_begin_terminate(context));
    CHECK(!imageflow_context_has_error(context));
    CHECK(!imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count));
    CHECK(has_error(context, 2, "ArgumentInvalid: IoIdNotFound", "io_id 1"));
    CHECK(imageflow_context_begin_terminate(context));
    CHECK(has_error(context, 2, "IoIdNotFound", "io_id 1"));
    imageflow_context_destroy(context);
}

static void cost(void) {
    enum { COUNT = 20000 };
    double best = 1e9;
    for (int round = 0; round < 5; round++) {
        double start = milliseconds();
        for (int i = 0; i < COUNT; i++) imageflow_context_destroy(create());
        double each = (milliseconds() - start) / COUNT;
        if (each < best) best = each;
    }
    printf("lifecycle: create and destroy take %.0f ns\n", best * 1e6);
    /* The bound is what the API promises, times ten for busy machines and instrumented runs. */
    CHECK(best < 0.02 || getenv("IMAGEFLOW_CTEST_SLOW") != NULL);
}

int main(void) {
    versions();
    types();
    fresh_context();
    terminate();
    cost();
    return summary("lifecycle");
}
