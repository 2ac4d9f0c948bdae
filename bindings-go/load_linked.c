//go:build imageflow_dynamic || imageflow_static

#include "native.h"

struct ifgo_functions ifgo = {
#define ADDRESS(name) .name = imageflow_##name,
  IFGO_REQUIRED(ADDRESS)
  IFGO_OPTIONAL(ADDRESS)
};

bool ifgo_linked(void) { return true; }

char *ifgo_load(const char *path) {
  (void)path;
  return NULL;
}
