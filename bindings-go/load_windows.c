//go:build windows && !imageflow_dynamic && !imageflow_static

#include "native.h"

#include <stdio.h>
#include <string.h>
#include <windows.h>

struct ifgo_functions ifgo;

bool ifgo_linked(void) { return false; }

char *ifgo_load(const char *path) {
  struct ifgo_functions found;
  wchar_t wide[32768];
  char why[64];
  if (!MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path, -1, wide, sizeof wide / sizeof *wide)) {
    return _strdup("the path is not UTF-8 or too long");
  }
  // The altered search finds what the library needs beside it; it is defined for full paths only.
  HMODULE library = LoadLibraryExW(wide, NULL, strpbrk(path, "\\/") ? LOAD_WITH_ALTERED_SEARCH_PATH : 0);
  if (!library) {
    snprintf(why, sizeof why, "LoadLibrary failed with error %lu", (unsigned long)GetLastError());
    return _strdup(why);
  }
#define FIND(name) \
  { FARPROC symbol = GetProcAddress(library, "imageflow_" #name); memcpy(&found.name, &symbol, sizeof symbol); }
#define REQUIRE(name) \
  FIND(name) \
  if (!found.name) { FreeLibrary(library); return _strdup("it lacks the function imageflow_" #name ": not libimageflow 3.1 or newer"); }
  IFGO_REQUIRED(REQUIRE)
  IFGO_OPTIONAL(FIND)
  ifgo = found;
  return NULL;
}
