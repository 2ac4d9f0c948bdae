/* Error state and imageflow_context_error_write_to_buffer (abi.md sections 7 and 8). */
#include "check.h"

static struct imageflow_context *failed(void) {
    struct imageflow_context *context = create();
    CHECK(send_text(context, "v1/no_such_endpoint", "{}", NULL) == 400);
    return context;
}

static void every_reader_agrees(void) {
    struct imageflow_context *context = failed();
    CHECK(imageflow_context_has_error(context));
    CHECK(!imageflow_context_error_recoverable(context));
    CHECK(!imageflow_context_error_try_clear(context));
    CHECK(imageflow_context_has_error(context));
    CHECK(imageflow_context_error_code(context) == 2);
    CHECK(imageflow_context_error_as_exit_code(context) == 64);
    CHECK(imageflow_context_error_as_http_code(context) == 400);
    CHECK(has_error(context, 2, "ArgumentInvalid: InvalidMessageEndpoint", ""));
    imageflow_context_destroy(context);

    context = create();
    CHECK(send_text(context, "v1/execute", "{", NULL) == 400);
    CHECK(has_error(context, 3, "InvalidJson: ", "line 1 column 1"));
    CHECK(imageflow_context_error_as_exit_code(context) == 65);
    imageflow_context_destroy(context);
}

static void first_error_stays(void) {
    struct imageflow_context *context = failed();
    CHECK(!imageflow_context_add_output_buffer(context, 1));
    CHECK(imageflow_context_send_json(context, NULL, NULL, 0) != NULL);
    const char *text = NULL;
    CHECK(send_text(context, "v1/get_version_info", "{}", &text) == 400 && strstr(text, "InvalidMessageEndpoint"));
    CHECK(!imageflow_json_response_read(context, NULL, NULL, NULL, NULL));
    imageflow_context_request_cancellation(context);
    CHECK(has_error(context, 2, "InvalidMessageEndpoint", ""));
    imageflow_context_destroy(context);
}

static void whole_text(struct imageflow_context *context, const char *expected) {
    char buffer[4096];
    size_t written = 0, length = strlen(expected);
    memset(buffer, 'x', sizeof buffer);
    CHECK(imageflow_context_error_write_to_buffer(context, buffer, sizeof buffer, &written));
    CHECK(written == length && strcmp(buffer, expected) == 0);
    memset(buffer, 'x', sizeof buffer);
    CHECK(imageflow_context_error_write_to_buffer(context, buffer, length + 1, &written));
    CHECK(written == length && strcmp(buffer, expected) == 0 && buffer[length + 1] == 'x');
    CHECK(imageflow_context_error_write_to_buffer(context, buffer, sizeof buffer, NULL));
}

static void writing(void) {
    static const char mark[] = "\n[truncated]\n";
    struct imageflow_context *context = failed();
    char full[4096], buffer[4096];
    size_t written = 0;
    CHECK(imageflow_context_error_write_to_buffer(context, full, sizeof full, &written));
    size_t length = strlen(full);
    CHECK(written == length && length > 30);
    whole_text(context, full);

    for (size_t room = 15; room <= length; room++) {
        memset(buffer, 'x', sizeof buffer);
        written = 99;
        bool good = !imageflow_context_error_write_to_buffer(context, buffer, room, &written) && written == room - 1;
        good = good && strlen(buffer) == written && memcmp(buffer, full, room - 14) == 0;
        good = good && strcmp(buffer + room - 14, mark) == 0 && buffer[room] == 'x';
        if (!CHECK(good)) fprintf(stderr, "room %zu: %zu bytes: %s\n", room, written, buffer);
    }
    for (size_t room = 1; room <= 14; room++) {
        memset(buffer, 'x', sizeof buffer);
        written = 99;
        CHECK(!imageflow_context_error_write_to_buffer(context, buffer, room, &written));
        CHECK(written == 0 && buffer[0] == 0 && buffer[room] == 'x');
    }
    buffer[0] = 'x';
    written = 99;
    CHECK(!imageflow_context_error_write_to_buffer(context, buffer, 0, &written) && written == 0 && buffer[0] == 'x');
    written = 99;
    CHECK(!imageflow_context_error_write_to_buffer(context, NULL, 100, &written) && written == 99);
    CHECK(!imageflow_context_error_write_to_buffer(NULL, NULL, 100, &written));
    imageflow_context_destroy(context);
}

static void no_error(void) {
    struct imageflow_context *context = create();
    char buffer[4] = "xyz";
    size_t written = 99;
    CHECK(imageflow_context_error_write_to_buffer(context, buffer, sizeof buffer, &written) && written == 0 && buffer[0] == 0);
    buffer[0] = 'x';
    CHECK(imageflow_context_error_write_to_buffer(context, buffer, 1, NULL) && buffer[0] == 0);
    CHECK(!imageflow_context_has_error(context));
    CHECK(!imageflow_context_error_write_to_buffer(context, buffer, (size_t)-5, &written) && written == 0);
    CHECK(has_error(context, 2, "InvalidArgument", "buffer_length") && has_error(context, 2, "imageflow_abi", "negative"));
    imageflow_context_destroy(context);
}

int main(void) {
    every_reader_agrees();
    first_error_stays();
    writing();
    no_error();
    return summary("errors");
}
