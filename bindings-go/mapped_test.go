//go:build unix

package imageflow_test

import (
	"context"
	"os"
	"syscall"
	"testing"

	"github.com/imazen/imageflow-go"
)

// Memory that is not Go's needs no pinning, and must not fail for that.
func TestMappedInput(t *testing.T) {
	file, err := os.Open("in.jpg")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	mapped, err := syscall.Mmap(int(file.Fd()), 0, int(info.Size()), syscall.PROT_READ, syscall.MAP_PRIVATE)
	if err != nil {
		t.Fatal(err)
	}
	defer syscall.Munmap(mapped)
	got, err := imageflow.Info(context.Background(), imageflow.NewBuffer(mapped))
	if err != nil || got.Width != 800 || got.Height != 600 || got.MimeType != "image/jpeg" || got.Lossless {
		t.Errorf("%+v %v", got, err)
	}
}
