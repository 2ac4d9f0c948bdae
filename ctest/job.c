/* A whole job: a JPEG is shrunk, its output lent and taken; the same context is used again; a failed job. */
#include <stdlib.h>
#include "check.h"
#include "sample_jpeg.h"

#define JOB(steps) "{\"framewise\":{\"steps\":[" steps "]}}"
#define DECODE "{\"decode\":{\"io_id\":0}}"
#define SHRINK "{\"constrain\":{\"mode\":\"within\",\"w\":32,\"h\":32}}"
#define TO_JPEG(id) "{\"encode\":{\"io_id\":" #id ",\"preset\":{\"mozjpeg\":{\"quality\":80}}}}"
#define TO_PNG(id) "{\"encode\":{\"io_id\":" #id ",\"preset\":{\"lodepng\":{}}}}"

static const enum imageflow_lifetime BORROW = imageflow_lifetime_lifetime_outlives_context;

static struct imageflow_context *with_input(void) {
    struct imageflow_context *context = create();
    CHECK(imageflow_context_add_input_buffer(context, 0, sample_jpeg, sizeof sample_jpeg, BORROW));
    CHECK(imageflow_context_add_output_buffer(context, 1));
    CHECK(imageflow_context_add_output_buffer(context, 2));
    return context;
}

static bool is_jpeg(const uint8_t *bytes, size_t count) {
    return bytes && count > 100 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[count - 2] == 0xFF && bytes[count - 1] == 0xD9;
}

static void info(void) {
    struct imageflow_context *context = with_input();
    const char *text = NULL;
    CHECK(send_text(context, "v1/get_image_info", "{\"io_id\":0}", &text) == 200);
    CHECK(text && strstr(text, "\"image_width\": 64") && strstr(text, "\"image_height\": 48"));
    CHECK(text && strstr(text, "\"preferred_mime_type\": \"image/jpeg\"") && strstr(text, "\"bgr_32\""));
    CHECK(send_text(context, "v1/tell_decoder",
                    "{\"io_id\":0,\"command\":{\"jpeg_downscale_hints\":{\"width\":20,\"height\":15}}}", NULL) == 200);
    CHECK(send_text(context, "v1/get_scaled_image_info", "{\"io_id\":0}", &text) == 200);
    CHECK(text && strstr(text, "\"image_width\": 24") && strstr(text, "\"image_height\": 18"));
    /* A decoded frame has 12288 bytes; what the codec holds comes on top. */
    const char *const bytes = "\"peak_max_bytes\": ";
    CHECK(send_text(context, "v1/estimate", "{\"io_id\":0}", &text) == 200 && strstr(text, bytes) &&
          atol(strstr(text, bytes) + strlen(bytes)) >= 12288);
    imageflow_context_destroy(context);
}

static void shrink(void) {
    struct imageflow_context *context = with_input();
    const char *text = NULL;
    const uint8_t *bytes = NULL, *again = NULL;
    uint8_t *taken = NULL;
    size_t count = 0;
    CHECK(send_text(context, "v1/execute", JOB(DECODE "," SHRINK "," TO_JPEG(1)), &text) == 200);
    CHECK(text && strstr(text, "\"w\": 32") && strstr(text, "\"h\": 24") && strstr(text, "\"bytes\": \"elsewhere\""));
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count) && is_jpeg(bytes, count));
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &again, &count) && again == bytes);

    /* The same input again, to another output; then over the lent one, whose bytes must stay. */
    uint8_t *copy = malloc(count);
    size_t copied = count;
    memcpy(copy, bytes, count);
    CHECK(send_text(context, "v1/execute", JOB(DECODE "," TO_PNG(2)), NULL) == 200);
    CHECK(send_text(context, "v1/execute", JOB(DECODE "," TO_PNG(1)), NULL) == 200);
    CHECK(memcmp(copy, bytes, copied) == 0);
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &again, &count) && memcmp(again, "\x89PNG", 4) == 0);
    free(copy);

    CHECK(imageflow_context_take_output_buffer(context, 2, &taken, &count) && count > 8 && memcmp(taken, "\x89PNG", 4) == 0);
    CHECK(!imageflow_context_has_error(context));
    imageflow_context_destroy(context);
    CHECK(taken[count - 8] == 'I');
    CHECK(imageflow_buffer_free(taken, count));
}

static void base64(void) {
    struct imageflow_context *context = create();
    const char *text = NULL;
    const char *job = "{\"io\":[{\"io_id\":3,\"direction\":\"out\",\"io\":\"output_base_64\"}],\"framewise\":{\"steps\":["
                      "{\"create_canvas\":{\"format\":\"bgra_32\",\"w\":5,\"h\":4,\"color\":\"black\"}}," TO_PNG(3) "]}}";
    CHECK(send_text(context, "v1/build", job, &text) == 200 && strstr(text, "\"base_64\": \"iVBORw0KGgo"));
    imageflow_context_destroy(context);
}

static void failed_job(void) {
    struct imageflow_context *context = with_input();
    const char *text = NULL;
    const uint8_t *bytes = NULL;
    size_t count = 0;
    CHECK(send_text(context, "v1/execute", JOB(DECODE "," TO_JPEG(1)), NULL) == 200);
    CHECK(send_text(context, "v1/execute", JOB(DECODE ",{\"crop\":{\"x1\":5,\"y1\":5,\"x2\":2,\"y2\":9}}," TO_JPEG(2)), &text) == 400);
    CHECK(text && strstr(text, "ArgumentInvalid: InvalidNodeParams"));
    CHECK(imageflow_context_has_error(context) && imageflow_context_error_code(context) == 2);
    /* What was written before stays readable. */
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count) && is_jpeg(bytes, count));
    imageflow_context_destroy(context);
}

static void old_client(void) {
    struct imageflow_context *context = imageflow_context_create(3, 0);
    const uint8_t *bytes = NULL;
    size_t count = 0;
    CHECK(imageflow_context_add_input_buffer(context, 0, sample_jpeg, sizeof sample_jpeg, BORROW));
    CHECK(imageflow_context_add_output_buffer(context, 1));
    CHECK(send_text(context, "v0.1/execute", JOB(DECODE ",{\"flip_v\":null}," TO_JPEG(1)), NULL) == 200);
    CHECK(imageflow_context_get_output_buffer_by_id(context, 1, &bytes, &count) && is_jpeg(bytes, count));
    imageflow_context_destroy(context);
}

int main(void) {
    info();
    shrink();
    base64();
    failed_job();
    old_client();
    return summary("job");
}
