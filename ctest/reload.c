/* Loading and unloading the library (abi.md sections 1 and 10). The path of the library is the first argument. */
#include "check.h"
#include <dlfcn.h>
#include <pthread.h>

static void *work(void *library) {
    struct imageflow_context *(*make)(uint32_t, uint32_t);
    void (*destroy)(struct imageflow_context *);
    const struct imageflow_json_response *(*send)(struct imageflow_context *, const char *, const uint8_t *, size_t);
    *(void **)&make = dlsym(library, "imageflow_context_create");
    *(void **)&destroy = dlsym(library, "imageflow_context_destroy");
    *(void **)&send = dlsym(library, "imageflow_context_send_json");
    if (make == NULL || destroy == NULL || send == NULL) return NULL;
    struct imageflow_context *context = make(3, 2);
    const void *response = send(context, "v1/execute", (const uint8_t *)"{\"framewise\":{\"steps\":[]}}", 26);
    destroy(context);
    return response == NULL ? NULL : library;
}

int main(int count, char **arguments) {
    if (count < 2) return 2;
    int failed = 0;
    for (int i = 0; i < 100; i++) {
        void *library = dlopen(arguments[1], RTLD_NOW | RTLD_LOCAL);
        if (library == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            failed++;
            break;
        }
        pthread_t thread;
        void *from_thread = NULL;
        failed += work(library) != library;
        pthread_create(&thread, NULL, work, library);
        pthread_join(thread, &from_thread);
        failed += from_thread != library || dlclose(library) != 0;
    }
    CHECK(failed == 0);
    return summary("reload");
}
