/* Memory owned by a context (abi.md section 3, numbers 24 and 25). */
#include "check.h"

static void allocating(void) {
    const size_t sizes[] = {0, 1, 15, 16, 17, 4096, 1 << 20};
    struct imageflow_context *context = create();
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        uint8_t *memory = imageflow_context_memory_allocate(context, sizes[i], i % 2 ? __FILE__ : NULL, __LINE__);
        CHECK(memory != NULL && (uintptr_t)memory % 16 == 0);
        size_t zeros = 0;
        while (zeros < sizes[i] && memory[zeros] == 0) zeros++;
        CHECK(zeros == sizes[i]);
        memset(memory, 0xAA, sizes[i]);
    }
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
}

static void freeing(void) {
    struct imageflow_context *context = create(), *other = create();
    void *memory = imageflow_context_memory_allocate(context, 100, NULL, 0);
    void *empty = imageflow_context_memory_allocate(context, 0, NULL, 0);
    int mine;
    CHECK(empty != memory);
    CHECK(!imageflow_context_memory_free(other, memory, NULL, 0));
    CHECK(imageflow_context_memory_free(context, memory, __FILE__, __LINE__));
    CHECK(!imageflow_context_memory_free(context, memory, NULL, 0));
    CHECK(imageflow_context_memory_free(context, empty, NULL, 0));
    CHECK(imageflow_context_memory_free(context, NULL, NULL, 0));
    CHECK(!imageflow_context_memory_free(context, &mine, NULL, 0));
    const struct imageflow_json_response *response =
        imageflow_context_send_json(context, "brew_coffee", (const uint8_t *)"", 0);
    CHECK(!imageflow_context_memory_free(context, (void *)response, NULL, 0));
    memory = imageflow_context_memory_allocate(context, 100, NULL, 0);
    CHECK(!imageflow_json_response_destroy(context, memory));
    CHECK(!imageflow_context_has_error(context) && !imageflow_context_has_error(other));
    imageflow_context_destroy(context);
    imageflow_context_destroy(other);
}

static void refusing(void) {
    struct imageflow_context *context = create();
    CHECK(imageflow_context_memory_allocate(context, SIZE_MAX / 2 - 32, "caller.c", 42) == NULL);
    CHECK(has_error(context, 1, "OutOfMemory", "caller.c:42"));
    CHECK(imageflow_context_error_as_exit_code(context) == 71 && imageflow_context_error_as_http_code(context) == 503);
    CHECK(imageflow_context_memory_allocate(context, 16, NULL, 0) == NULL);
    imageflow_context_destroy(context);

    context = create();
    void *memory = imageflow_context_memory_allocate(context, 16, NULL, 0);
    CHECK(imageflow_context_memory_allocate(context, (size_t)-16, NULL, 0) == NULL);
    CHECK(has_error(context, 2, "InvalidArgument", "'bytes'"));
    /* What was allocated before can still be freed. */
    CHECK(imageflow_context_memory_free(context, memory, NULL, 0));
    imageflow_context_destroy(context);
}

int main(void) {
    allocating();
    freeing();
    refusing();
    return summary("memory");
}
