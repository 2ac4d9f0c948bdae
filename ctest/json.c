/* Messages and responses (abi.md sections 5 and 6). */
#include "check.h"

static const uint8_t EMPTY[] = "{}";

/* send_json that must return NULL and leave this error. */
static void refused(const char *method, const uint8_t *json, size_t size, const char *kind, const char *part) {
    struct imageflow_context *context = create();
    CHECK(imageflow_context_send_json(context, method, json, size) == NULL);
    CHECK(has_error(context, 2, kind, part) && has_error(context, 2, "imageflow_abi", "imageflow_context_send_json"));
    /* Now there is an error, so there is a response, whatever the arguments. */
    CHECK(imageflow_context_send_json(context, NULL, NULL, 0) != NULL);
    imageflow_context_destroy(context);
}

static void arguments(void) {
    refused(NULL, EMPTY, 2, "ArgumentInvalid: NullArgument", "'method'");
    refused(NULL, NULL, 0, "ArgumentInvalid: NullArgument", "'method'");
    refused("v1/execute", NULL, 0, "ArgumentInvalid: NullArgument", "'json_buffer'");
    refused("v1/no_such_endpoint", NULL, 2, "ArgumentInvalid: NullArgument", "'json_buffer'");
    refused("v1/execute", EMPTY, (size_t)-2, "ArgumentInvalid: InvalidArgument", "'json_buffer_size'");
    refused("v1/\xff\xfe", EMPTY, 2, "ArgumentInvalid: InvalidArgument", "'method'");
}

static void failures(void) {
    const struct {
        const char *method, *json, *message;
        int code;
    } cases[] = {
        {"v1/no_such_endpoint", "{}", "ArgumentInvalid: InvalidMessageEndpoint", 2},
        {"/v1/execute", "{}", "ArgumentInvalid: InvalidMessageEndpoint", 2},
        {"", "{}", "ArgumentInvalid: InvalidMessageEndpoint", 2},
        {"v1/execute", "", "InvalidJson:", 3},
        {"v1/execute", "{]", "InvalidJson:", 3},
        {"v1/execute", "{\"framewise\":\"\xff\"}", "InvalidJson:", 3},
        {"v1/get_version_info", "null", "InvalidJson:", 3},
        {"v1/get_image_info", "{\"io_id\":3}", "ArgumentInvalid: IoIdNotFound", 2},
        {"v1/build", "{\"io\":[],\"framewise\":{\"steps\":[{\"decode\":{\"io_id\":0}}]}}", "ArgumentInvalid: IoIdNotFound", 2},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct imageflow_context *context = create();
        const char *text = NULL;
        char start[200];
        CHECK(send_text(context, cases[i].method, cases[i].json, &text) == 400);
        snprintf(start, sizeof start, "{\n  \"code\": 400,\n  \"success\": false,\n  \"message\": \"%s", cases[i].message);
        if (!CHECK(text && strncmp(text, start, strlen(start)) == 0)) fprintf(stderr, "%s\n", text ? text : "(null)");
        CHECK(text && strstr(text, "\n  \"data\": \"none\"\n}"));
        CHECK(has_error(context, cases[i].code, cases[i].message, ""));
        imageflow_context_destroy(context);
    }
}

static void success(void) {
    struct imageflow_context *context = create();
    const char *text = NULL;
    CHECK(send_text(context, "v1/get_version_info", "{}", &text) == 200);
    CHECK(text && strncmp(text, "{\n  \"code\": 200,\n  \"success\": true,\n  \"message\": \"OK\",\n  \"data\": {", 60) == 0);
    CHECK(text && strstr(text, "\"long_version_string\": \"") && strstr(text, "\"build_date\": \"20"));
    CHECK(send_text(context, "v0.1/execute", "{\"framewise\":{\"steps\":[]}}", &text) == 200);
    CHECK(text && strstr(text, "\"job_result\"") && strstr(text, "\"encodes\": []"));
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
}

static void teapot(void) {
    static const char body[] =
        "{\"success\": \"false\",\"code\": 418, \"message\": \"I'm a little teapot, short and stout...\"}";
    struct imageflow_context *context = create();
    const struct imageflow_json_response *response = imageflow_context_send_json(context, "v1/brew_coffee", EMPTY, 0);
    int64_t status = 0;
    const uint8_t *text = NULL;
    size_t size = 0;
    CHECK(imageflow_json_response_read(context, response, &status, &text, &size));
    CHECK(status == 418 && size == 86 && memcmp(text, body, size) == 0 && text[size] == 0);
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
}

static void reading(void) {
    struct imageflow_context *context = create(), *other = create();
    const struct imageflow_json_response *response = imageflow_context_send_json(context, "brew_coffee", EMPTY, 2);
    struct imageflow_json_response *writable = (struct imageflow_json_response *)response;
    CHECK(imageflow_json_response_read(context, response, NULL, NULL, NULL));
    /* One published client offers 32 bits for the status and has to live with the neighbour being overwritten. */
    struct {
        int32_t before, status, neighbour;
    } small = {-1, 0, 0};
    CHECK(imageflow_json_response_read(context, response, (int64_t *)(void *)&small.status, NULL, NULL));
    CHECK(small.before == -1 && small.status == 418);
    CHECK(!imageflow_json_response_destroy(other, writable));
    CHECK(!imageflow_context_has_error(other));
    CHECK(imageflow_json_response_destroy(context, writable));
    CHECK(!imageflow_json_response_destroy(context, writable));
    CHECK(imageflow_json_response_destroy(context, NULL));
    CHECK(!imageflow_context_has_error(context));
    CHECK(!imageflow_json_response_read(context, response, NULL, NULL, NULL));
    CHECK(has_error(context, 2, "InvalidArgument", "response_in"));
    CHECK(!imageflow_json_response_read(other, NULL, NULL, NULL, NULL));
    CHECK(has_error(other, 2, "ArgumentInvalid: NullArgument", "imageflow_abi"));
    imageflow_context_destroy(context);
    imageflow_context_destroy(other);
}

/* A client of the JVM reads responses by offset. */
static void layout(void) {
    struct imageflow_context *context = create();
    const uint8_t *base = (const uint8_t *)imageflow_context_send_json(context, "v1/get_version_info", EMPTY, 2);
    int64_t status = 0;
    const uint8_t *text = NULL, *expected = NULL;
    size_t size = 0, expected_size = 0;
    CHECK(imageflow_json_response_read(context, (const struct imageflow_json_response *)base, NULL, &expected, &expected_size));
    memcpy(&status, base, 8);
    memcpy(&text, base + 8, sizeof text);
    memcpy(&size, base + 8 + sizeof text, sizeof size);
    CHECK(status == 200 && text == expected && size == expected_size);
    CHECK(text == base + 8 + sizeof text + sizeof size);
    CHECK((uintptr_t)base % 16 == 0 && text[size] == 0 && strlen((const char *)text) == size);
    imageflow_context_destroy(context);
}

int main(void) {
    arguments();
    failures();
    success();
    teapot();
    reading();
    layout();
    return summary("json");
}
