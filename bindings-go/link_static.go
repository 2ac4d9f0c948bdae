//go:build imageflow_static && !imageflow_dynamic

package imageflow

// The static library becomes part of the program. It is taken from the module's lib folder, or from a folder named by
// CGO_LDFLAGS=-L…. On glibc and macOS it has a JPEG encoder in C++, whose runtime comes along: on Linux into the program too,
// so that one file is shipped (libstdc++.a is in Debian's g++, in Fedora's libstdc++-static).

// #cgo linux,amd64,!musl LDFLAGS: -L${SRCDIR}/lib/linux_amd64
// #cgo linux,amd64,musl LDFLAGS: -L${SRCDIR}/lib/linux_amd64_musl
// #cgo linux,arm64,!musl LDFLAGS: -L${SRCDIR}/lib/linux_arm64
// #cgo linux,arm64,musl LDFLAGS: -L${SRCDIR}/lib/linux_arm64_musl
// #cgo darwin,amd64 LDFLAGS: -L${SRCDIR}/lib/darwin_amd64
// #cgo darwin,arm64 LDFLAGS: -L${SRCDIR}/lib/darwin_arm64
// #cgo windows,amd64 LDFLAGS: -L${SRCDIR}/lib/windows_amd64
// #cgo linux,!musl LDFLAGS: -l:libimageflow.a -l:libstdc++.a -lm -ldl -lpthread
// #cgo linux,musl LDFLAGS: -l:libimageflow.a -lm -ldl -lpthread
// #cgo darwin LDFLAGS: -limageflow -lc++
// #cgo windows LDFLAGS: -limageflow -lws2_32 -luserenv -lntdll -lbcrypt
import "C"
