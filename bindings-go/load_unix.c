//go:build !windows && !imageflow_dynamic && !imageflow_static

#include "native.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

struct ifgo_functions ifgo;

bool ifgo_linked(void) { return false; }

char *ifgo_load(const char *path) {
  struct ifgo_functions found;
  void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    const char *why = dlerror();
    return strdup(why ? why : "dlopen failed without a reason");
  }
// POSIX makes `dlsym` return functions as `void *`, which C does not convert: copied instead.
#define FIND(name) \
  { void *symbol = dlsym(library, "imageflow_" #name); memcpy(&found.name, &symbol, sizeof symbol); }
#define REQUIRE(name) \
  FIND(name) \
  if (!found.name) { dlclose(library); return strdup("it lacks the function imageflow_" #name ": not libimageflow 3.1 or newer"); }
  IFGO_REQUIRED(REQUIRE)
  IFGO_OPTIONAL(FIND)
  ifgo = found;
  return NULL;
}
