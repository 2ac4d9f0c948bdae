package imageflow

// #include <stdlib.h>
// #include "native.h"
// #if defined(__GLIBC__)
// #include <gnu/libc-version.h>
// static const char *libc_name(void) { return "glibc"; }
// static const char *libc_version(void) { return gnu_get_libc_version(); }
// #else
// static const char *libc_name(void) { return ""; }
// static const char *libc_version(void) { return ""; }
// #endif
import "C"

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"unsafe"
)

// libraryVariable names the library: a file, or the folder it is in.
const libraryVariable = "IMAGEFLOW_LIBRARY_PATH"

type library struct {
	path     string
	abiMinor int // what contexts are created with
}

// Library loads libimageflow and tells which file it is. Every job does the same first, so calling Library is only useful to
// fail early, when a program starts. It is empty when the library is linked into the program.
//
// The library is searched for once, in this order: the environment variable IMAGEFLOW_LIBRARY_PATH (a file or a folder,
// and then nowhere else), beside the executable, in the module's lib folder, and where the system looks for libraries.
func Library() (path string, err error) {
	lib, err := loadLibrary()
	return lib.path, err
}

var loadLibrary = sync.OnceValues(func() (library, error) {
	path := ""
	if !bool(C.ifgo_linked()) {
		var err error
		if path, err = loadFirst(libraryCandidates()); err != nil {
			return library{}, err
		}
	}
	for minor := abiMinor; minor >= abiMinorMin; minor-- {
		if C.ifgo_abi_compatible(abiMajor, C.uint32_t(minor)) {
			return library{path, minor}, nil
		}
	}
	return library{}, fmt.Errorf("imageflow: %s has ABI %d.%d; this package needs %d.%d or a later minor version",
		libraryName(path), C.ifgo_abi_major(), C.ifgo_abi_minor(), abiMajor, abiMinorMin)
})

func libraryName(path string) string {
	if path == "" {
		return "the library linked into this program"
	}
	return path
}

// loadFirst loads the first file that can be loaded, or says for each why not.
func loadFirst(candidates []candidate) (string, error) {
	var failures []string
	for _, c := range candidates {
		why := loadFile(c.path)
		if why == nil {
			return c.path, nil
		}
		failures = append(failures, fmt.Sprintf("  %s (%s): %v", c.path, c.origin, why))
	}
	return "", fmt.Errorf("imageflow: cannot load libimageflow on %s. Tried:\n%s\nSet %s to the library or its folder",
		platform(), strings.Join(failures, "\n"), libraryVariable)
}

func loadFile(path string) error {
	name := C.CString(path)
	defer C.free(unsafe.Pointer(name))
	if why := C.ifgo_load(name); why != nil {
		defer C.free(unsafe.Pointer(why))
		return errors.New(C.GoString(why))
	}
	return nil
}

type candidate struct{ path, origin string }

func libraryCandidates() []candidate {
	file := libraryFile()
	if named := os.Getenv(libraryVariable); named != "" {
		// What was asked for explicitly is not replaced by something else.
		if info, err := os.Stat(named); err == nil && info.IsDir() {
			named = filepath.Join(named, file)
		}
		if !strings.ContainsAny(named, `/\`) {
			named = "." + string(filepath.Separator) + named // a file here, not a name for the system's search
		}
		return []candidate{{named, libraryVariable}}
	}
	var found []candidate
	if program, err := os.Executable(); err == nil {
		found = append(found, candidate{filepath.Join(filepath.Dir(program), file), "beside the executable"})
	}
	// Programs built with -trimpath do not know where the module was.
	if _, source, _, ok := runtime.Caller(0); ok && filepath.IsAbs(source) {
		found = append(found, candidate{filepath.Join(filepath.Dir(source), "lib", bundleFolder(), file), "in the module"})
	}
	return append(found, candidate{file, "system"})
}

func libraryFile() string {
	switch runtime.GOOS {
	case "windows":
		return "imageflow.dll"
	case "darwin", "ios":
		return "libimageflow.dylib"
	default:
		return "libimageflow.so"
	}
}

// bundleFolder is where internal/pack puts the library for this platform.
func bundleFolder() string {
	folder := runtime.GOOS + "_" + runtime.GOARCH
	if libc() == "musl" {
		folder += "_musl"
	}
	return folder
}

func platform() string {
	name := runtime.GOOS + "/" + runtime.GOARCH
	if c := libc(); c != "" {
		name += strings.TrimRight(", "+c+" "+C.GoString(C.libc_version()), " ")
	}
	return name
}

// libc is empty where there is only one. musl has no macro that tells; on Linux whatever is not glibc is taken for it.
func libc() string {
	if runtime.GOOS != "linux" {
		return ""
	}
	if name := C.GoString(C.libc_name()); name != "" {
		return name
	}
	return "musl"
}
