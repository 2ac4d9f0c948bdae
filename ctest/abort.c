/* What ends the process: null contexts, and imageflow_context_print_and_exit_if_error. Each case runs in a child. */
#include "check.h"
#include <sys/wait.h>
#include <unistd.h>

static char said[65536];

/* Runs one case in a child; returns its wait status, and what it printed to stderr in `said`. */
static int in_child(void (*body)(int), int which) {
    int ends[2];
    fflush(NULL);
    if (pipe(ends) != 0) return -1;
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], 2);
        close(ends[0]);
        close(ends[1]);
        body(which);
        _exit(99);
    }
    close(ends[1]);
    size_t length = 0;
    ssize_t got;
    while ((got = read(ends[0], said + length, sizeof said - 1 - length)) > 0) length += (size_t)got;
    said[length] = 0;
    close(ends[0]);
    int status = -1;
    waitpid(child, &status, 0);
    return status;
}

static const char *const names[] = {
    "imageflow_context_begin_terminate",         "imageflow_context_has_error",
    "imageflow_context_error_recoverable",       "imageflow_context_error_try_clear",
    "imageflow_context_error_code",              "imageflow_context_error_as_exit_code",
    "imageflow_context_error_as_http_code",      "imageflow_context_error_write_to_buffer",
    "imageflow_context_print_and_exit_if_error", "imageflow_context_send_json",
    "imageflow_json_response_read",              "imageflow_json_response_destroy",
    "imageflow_context_add_input_buffer",        "imageflow_context_add_output_buffer",
    "imageflow_context_get_output_buffer_by_id", "imageflow_context_take_output_buffer",
    "imageflow_context_request_cancellation",    "imageflow_context_memory_allocate",
    "imageflow_context_memory_free",
};

static void call_with_null(int which) {
    char text[32] = "";
    const uint8_t *bytes = (const uint8_t *)text;
    uint8_t *taken = NULL;
    size_t count = 0;
    switch (which) {
    case 0: imageflow_context_begin_terminate(NULL); break;
    case 1: imageflow_context_has_error(NULL); break;
    case 2: imageflow_context_error_recoverable(NULL); break;
    case 3: imageflow_context_error_try_clear(NULL); break;
    case 4: imageflow_context_error_code(NULL); break;
    case 5: imageflow_context_error_as_exit_code(NULL); break;
    case 6: imageflow_context_error_as_http_code(NULL); break;
    case 7: imageflow_context_error_write_to_buffer(NULL, text, sizeof text, &count); break;
    case 8: imageflow_context_print_and_exit_if_error(NULL); break;
    case 9: imageflow_context_send_json(NULL, "v1/execute", bytes, 0); break;
    case 10: imageflow_json_response_read(NULL, NULL, NULL, NULL, NULL); break;
    case 11: imageflow_json_response_destroy(NULL, NULL); break;
    case 12: imageflow_context_add_input_buffer(NULL, 0, bytes, 1, imageflow_lifetime_lifetime_outlives_context); break;
    case 13: imageflow_context_add_output_buffer(NULL, 0); break;
    case 14: imageflow_context_get_output_buffer_by_id(NULL, 0, &bytes, &count); break;
    case 15: imageflow_context_take_output_buffer(NULL, 0, &taken, &count); break;
    case 16: imageflow_context_request_cancellation(NULL); break;
    case 17: imageflow_context_memory_allocate(NULL, 1, NULL, 0); break;
    case 18: imageflow_context_memory_free(NULL, NULL, NULL, 0); break;
    }
}

static void print_and_exit(int code) {
    struct imageflow_context *context = create();
    send_text(context, code == 64 ? "nope" : "v1/execute", "{", NULL);
    imageflow_context_print_and_exit_if_error(context);
}

int main(void) {
    for (int which = 0; which < (int)(sizeof names / sizeof *names); which++) {
        char expected[200];
        int status = in_child(call_with_null, which);
        CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGABRT);
        snprintf(expected, sizeof expected, "Null context pointer provided to %s. Terminating process.\n", names[which]);
        if (!CHECK(strncmp(said, expected, strlen(expected)) == 0)) fprintf(stderr, "%s\n", said);
    }
    int status = in_child(print_and_exit, 64);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 64 && strncmp(said, "ArgumentInvalid: InvalidMessageEndpoint", 39) == 0);
    status = in_child(print_and_exit, 65);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 65 && strncmp(said, "InvalidJson: ", 13) == 0);
    return summary("abort");
}
