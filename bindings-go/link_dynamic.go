//go:build imageflow_dynamic

package imageflow

// The system's linker and loader find the library. A folder they do not search is named by CGO_LDFLAGS=-L… when building
// and by LD_LIBRARY_PATH or an rpath when running.

// #cgo LDFLAGS: -limageflow
import "C"
