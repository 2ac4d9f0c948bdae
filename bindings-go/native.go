package imageflow

// #cgo linux LDFLAGS: -ldl
// #include "native.h"
import "C"

import (
	"context"
	"fmt"
	"runtime"
	"unsafe"
)

// The ABI this package needs: 3.1 for cancellation. It is written against 3.2, whose outputs need no copy.
const (
	abiMajor    = C.IMAGEFLOW_ABI_VER_MAJOR
	abiMinor    = C.IMAGEFLOW_ABI_VER_MINOR
	abiMinorMin = 1
)

// nativeContext owns one context of the library. It serves one job and is then destroyed, because a context that has seen
// an error refuses everything else.
type nativeContext struct {
	ptr  *C.struct_imageflow_context
	pins runtime.Pinner
}

func newContext() (*nativeContext, error) {
	lib, err := loadLibrary()
	if err != nil {
		return nil, err
	}
	ptr := C.ifgo_create(abiMajor, C.uint32_t(lib.abiMinor))
	if ptr == nil {
		return nil, &Error{Code: CodeOutOfMemory, HTTP: 503, Message: "OutOfMemory: no memory for an imageflow context"}
	}
	return &nativeContext{ptr: ptr}, nil
}

// destroy also unpins the inputs: the library reads them in place until then.
func (c *nativeContext) destroy() {
	C.ifgo_destroy(c.ptr)
	c.pins.Unpin()
}

// emptyInput stands for the pointer of an empty slice, which may be nil: the library should report an empty file, not a
// null pointer.
var emptyInput [1]byte

func (c *nativeContext) addInput(id int, data []byte) error {
	first := unsafe.SliceData(data)
	if len(data) == 0 {
		first = &emptyInput[0]
	}
	c.pins.Pin(first)
	if !C.ifgo_add_input(c.ptr, C.int32_t(id), (*C.uint8_t)(first), C.size_t(len(data))) {
		return c.err(nil)
	}
	return nil
}

func (c *nativeContext) addOutput(id int) error {
	if !C.ifgo_add_output(c.ptr, C.int32_t(id)) {
		return c.err(nil)
	}
	return nil
}

// send returns the body of the response.
func (c *nativeContext) send(method string, message []byte) ([]byte, error) {
	name := append([]byte(method), 0)
	var (
		status C.int64_t
		body   *C.uint8_t
		length C.size_t
	)
	if !C.ifgo_send(c.ptr, (*C.char)(unsafe.Pointer(unsafe.SliceData(name))),
		(*C.uint8_t)(unsafe.SliceData(message)), C.size_t(len(message)), &status, &body, &length) {
		return nil, c.err(nil)
	}
	response := goBytes(body, length)
	if status != 200 {
		return nil, c.err(response)
	}
	return response, nil
}

// cancelWith requests cancellation as soon as ctx is done. The function it returns must be called before the context is
// destroyed: it waits for a request under way.
func (c *nativeContext) cancelWith(ctx context.Context) (stop func()) {
	requested := make(chan struct{})
	unregister := context.AfterFunc(ctx, func() {
		C.ifgo_cancel(c.ptr)
		close(requested)
	})
	return func() {
		if !unregister() {
			<-requested
		}
	}
}

// nativeBuffer is memory of the library that outlives the context it was taken from. It must be freed.
type nativeBuffer struct {
	ptr    *C.uint8_t
	length C.size_t
	copied []byte // what a library without imageflow_context_take_output_buffer gives; ptr is nil then
}

// takeOutput moves an output out of the context.
func (c *nativeContext) takeOutput(id int) (nativeBuffer, error) {
	var taken nativeBuffer
	if C.ifgo_can_take() {
		if !C.ifgo_take_output(c.ptr, C.int32_t(id), &taken.ptr, &taken.length) {
			return nativeBuffer{}, c.err(nil)
		}
		return taken, nil
	}
	var (
		lent   *C.uint8_t
		length C.size_t
	)
	if !C.ifgo_get_output(c.ptr, C.int32_t(id), &lent, &length) {
		return nativeBuffer{}, c.err(nil)
	}
	return nativeBuffer{copied: goBytes(lent, length)}, nil
}

// view is the memory itself, valid until it is freed.
func (b *nativeBuffer) view() []byte {
	if b.ptr == nil {
		return b.copied
	}
	// A capacity equal to the length makes append copy instead of writing beyond the end.
	return unsafe.Slice((*byte)(b.ptr), int(b.length))[:b.length:b.length]
}

// bytes is memory of Go, valid for ever.
func (b *nativeBuffer) bytes() []byte {
	if b.ptr == nil {
		return b.copied
	}
	return goBytes(b.ptr, b.length)
}

func (b *nativeBuffer) free() {
	if b.ptr != nil {
		C.ifgo_free_output(b.ptr, b.length)
	}
	*b = nativeBuffer{}
}

// goBytes copies memory of C. C.GoBytes would cut a length above 2 GiB.
func goBytes(ptr *C.uint8_t, length C.size_t) []byte {
	copied := make([]byte, int(length))
	copy(copied, unsafe.Slice((*byte)(ptr), int(length)))
	return copied
}

// err describes the error the context holds; response is the JSON that came with it, if any.
func (c *nativeContext) err(response []byte) error {
	e := &Error{Response: response}
	if !C.ifgo_has_error(c.ptr) {
		e.Message = fmt.Sprintf("imageflow failed without an error; its response was %q", response)
		return e
	}
	e.Code = int(C.ifgo_error_code(c.ptr))
	e.HTTP = int(C.ifgo_error_http(c.ptr))
	e.Message = c.errorText()
	return e
}

// errorText doubles the buffer until the text fits. The text of a very large error is cut at 64 KiB.
func (c *nativeContext) errorText() string {
	for size := 2 << 10; ; size *= 2 {
		buffer := make([]byte, size)
		var written C.size_t
		fits := C.ifgo_error_text(c.ptr, (*C.char)(unsafe.Pointer(&buffer[0])), C.size_t(size), &written)
		if bool(fits) || size >= 64<<10 {
			return string(buffer[:written])
		}
	}
}
