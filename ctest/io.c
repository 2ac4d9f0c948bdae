/* Inputs and output buffers (abi.md section 4), without running jobs. */
#include "check.h"
#include "sample_jpeg.h"

#define COPY imageflow_lifetime_lifetime_outlives_function_call
#define BORROW imageflow_lifetime_lifetime_outlives_context

static void inputs(void) {
    struct imageflow_context *context = create();
    CHECK(imageflow_context_add_input_buffer(context, 0, sample_jpeg, sizeof sample_jpeg, COPY));
    CHECK(imageflow_context_add_input_buffer(context, 1, sample_jpeg, sizeof sample_jpeg, BORROW));
    CHECK(imageflow_context_add_input_buffer(context, INT32_MIN, sample_jpeg, sizeof sample_jpeg, (enum imageflow_lifetime)7));
    CHECK(imageflow_context_add_output_buffer(context, INT32_MAX));
    CHECK(imageflow_context_add_output_buffer(context, -1));
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
}

/* Copied bytes may be freed at once: instrumented runs notice when they are read later. */
static void copies_are_copies(void) {
    const int lifetimes[] = {COPY, 7, -1};
    for (size_t i = 0; i < sizeof lifetimes / sizeof *lifetimes; i++) {
        struct imageflow_context *context = create();
        uint8_t *bytes = malloc(sizeof sample_jpeg);
        memcpy(bytes, sample_jpeg, sizeof sample_jpeg);
        CHECK(imageflow_context_add_input_buffer(context, 0, bytes, sizeof sample_jpeg, (enum imageflow_lifetime)lifetimes[i]));
        memset(bytes, 0, sizeof sample_jpeg);
        free(bytes);
        CHECK(send_text(context, "v1/get_image_info", "{\"io_id\":0}", NULL) == 200);
        imageflow_context_destroy(context);
    }
}

static void refused_inputs(void) {
    const uint8_t garbage[] = {1, 2, 3, 0xAB};
    struct imageflow_context *context = create();
    CHECK(!imageflow_context_add_input_buffer(context, 0, garbage, sizeof garbage, COPY));
    CHECK(has_error(context, 4, "ImageMalformed: NoEnabledDecoderFound: No ENABLED decoder found for file starting in [",
                    "[1, 2, 3, AB, 0, 0, 0, 0, 0, 0, 0, 0]"));
    CHECK(!imageflow_context_add_input_buffer(context, 1, sample_jpeg, sizeof sample_jpeg, COPY));
    imageflow_context_destroy(context);

    context = create();
    CHECK(!imageflow_context_add_input_buffer(context, 0, sample_jpeg, 0, COPY));
    CHECK(has_error(context, 4, "NoEnabledDecoderFound", "[0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]"));
    imageflow_context_destroy(context);

    context = create();
    CHECK(!imageflow_context_add_input_buffer(context, 0, NULL, 10, COPY));
    CHECK(has_error(context, 2, "ArgumentInvalid: NullArgument", "The argument 'buffer' is null."));
    CHECK(has_error(context, 2, "imageflow_abi", ""));
    imageflow_context_destroy(context);

    context = create();
    CHECK(!imageflow_context_add_input_buffer(context, 0, sample_jpeg, (size_t)-1, BORROW));
    CHECK(has_error(context, 2, "InvalidArgument", "buffer_byte_count") && has_error(context, 2, "negative integer", ""));
    imageflow_context_destroy(context);
}

static bool add(struct imageflow_context *context, bool input) {
    return input ? imageflow_context_add_input_buffer(context, 5, sample_jpeg, sizeof sample_jpeg, COPY)
                 : imageflow_context_add_output_buffer(context, 5);
}

static void duplicate_ids(void) {
    for (int kinds = 0; kinds < 4; kinds++) {
        struct imageflow_context *context = create();
        CHECK(add(context, kinds & 1));
        CHECK(!add(context, kinds & 2));
        CHECK(has_error(context, 2, "ArgumentInvalid: DuplicateIoId", "already in use"));
        imageflow_context_destroy(context);
    }
}

static void unwritten_outputs(void) {
    struct imageflow_context *context = create();
    const uint8_t *first = NULL, *second = NULL;
    size_t count = 99;
    CHECK(imageflow_context_add_output_buffer(context, 1) && imageflow_context_add_output_buffer(context, 2));
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &first, &count) && first != NULL && count == 0);
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &second, &count) && first == second);
    uint8_t *taken = NULL;
    count = 99;
    CHECK(imageflow_context_take_output_buffer(context, 2, &taken, &count) && taken != NULL && count == 0);
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
    CHECK(imageflow_buffer_free(taken, 0));
}

/* A call that must fail on a context with an output 1 and an input 2. */
static void refused(bool take, int32_t io_id, const char *kind, const char *part) {
    struct imageflow_context *context = create();
    const uint8_t *bytes = NULL;
    uint8_t *taken = NULL;
    size_t count = 0;
    imageflow_context_add_output_buffer(context, 1);
    imageflow_context_add_input_buffer(context, 2, sample_jpeg, sizeof sample_jpeg, BORROW);
    CHECK(take ? !imageflow_context_take_output_buffer(context, io_id, &taken, &count)
               : !imageflow_context_get_output_buffer_by_id(context, io_id, &bytes, &count));
    CHECK(has_error(context, 2, kind, part));
    CHECK(!imageflow_context_add_output_buffer(context, 9));
    /* An error does not lock outputs. */
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count));
    imageflow_context_destroy(context);
}

static void refused_outputs(void) {
    for (int take = 0; take < 2; take++) {
        refused(take, 7, "IoIdNotFound", "io_id 7");
        refused(take, 2, "InvalidArgument", "io_id 2 is not an output buffer");
    }
    const uint8_t *bytes = NULL;
    uint8_t *taken = NULL;
    size_t count = 0;
    for (int call = 0; call < 4; call++) {
        struct imageflow_context *context = create();
        imageflow_context_add_output_buffer(context, 1);
        bool result = call == 0   ? imageflow_context_get_output_buffer_by_id(context, 1, NULL, &count)
                      : call == 1 ? imageflow_context_get_output_buffer_by_id(context, 1, &bytes, NULL)
                      : call == 2 ? imageflow_context_take_output_buffer(context, 1, NULL, &count)
                                  : imageflow_context_take_output_buffer(context, 1, &taken, NULL);
        CHECK(!result);
        CHECK(has_error(context, 2, "NullArgument", call % 2 ? "'result_buffer_length'" : "'result_buffer'"));
        imageflow_context_destroy(context);
    }
}

static void lent_and_taken(void) {
    const uint8_t *bytes = NULL;
    uint8_t *taken = NULL;
    size_t count = 0;
    struct imageflow_context *context = create();
    imageflow_context_add_output_buffer(context, 1);
    imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count);
    CHECK(!imageflow_context_take_output_buffer(context, 1, &taken, &count));
    CHECK(has_error(context, 2, "InvalidArgument",
                    "Cannot take output buffer for io_id 1: a raw pointer was already lent out"));
    imageflow_context_destroy(context);
    for (int take = 0; take < 2; take++) {
        context = create();
        imageflow_context_add_output_buffer(context, 1);
        CHECK(imageflow_context_take_output_buffer(context, 1, &taken, &count));
        imageflow_buffer_free(taken, count);
        CHECK(take ? !imageflow_context_take_output_buffer(context, 1, &taken, &count)
                   : !imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count));
        CHECK(has_error(context, 2, "InvalidArgument", "Output buffer for io_id 1 has already been taken"));
        imageflow_context_destroy(context);
    }
}

static void freeing(void) {
    struct imageflow_context *context = create();
    uint8_t *taken = NULL;
    size_t count = 0;
    uint8_t mine[16];
    imageflow_context_add_output_buffer(context, 1);
    CHECK(imageflow_context_take_output_buffer(context, 1, &taken, &count));
    CHECK(imageflow_buffer_free(NULL, 0) && imageflow_buffer_free(NULL, 100));
    CHECK(imageflow_buffer_free(taken, 123456));
    CHECK(imageflow_buffer_free(taken, count));
    CHECK(imageflow_buffer_free(mine, sizeof mine));
    imageflow_context_destroy(context);
}

int main(void) {
    inputs();
    copies_are_copies();
    refused_inputs();
    duplicate_ids();
    unwritten_outputs();
    refused_outputs();
    lent_and_taken();
    freeing();
    return summary("io");
}
