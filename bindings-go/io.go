package imageflow

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
)

// Source is where an input comes from: a File, a Buffer, a URL or a Reader.
type Source interface {
	read(ctx context.Context) ([]byte, error)
}

// Destination is where an output goes: a File, a Buffer or a Writer.
type Destination interface {
	// check tells before the job runs whether it can be an output.
	check() error
	write(image []byte) error
}

// File is a file to read or to write.
type File struct{ path string }

// NewFile names a file. An output replaces it, and gets permissions 0644 when it is new.
func NewFile(path string) *File { return &File{path} }

func (f *File) read(context.Context) ([]byte, error) { return os.ReadFile(f.path) }
func (f *File) check() error                         { return nil }
func (f *File) write(image []byte) error             { return os.WriteFile(f.path, image, 0o644) }

// Buffer is memory: bytes to read, or a key to find an output by.
type Buffer struct {
	data   []byte
	key    string
	output bool
}

// NewBuffer reads from data, in place: do not change it while a job runs.
func NewBuffer(data []byte) *Buffer { return &Buffer{data: data} }

// GetBuffer keeps an output in memory: Execute returns it under this key.
func GetBuffer(key string) *Buffer { return &Buffer{key: key, output: true} }

func (b *Buffer) read(context.Context) ([]byte, error) {
	if b.output {
		return nil, fmt.Errorf("GetBuffer(%q) is an output and has nothing to read: decode NewBuffer(bytes)", b.key)
	}
	return b.data, nil
}

func (b *Buffer) check() error {
	if !b.output {
		return errors.New("NewBuffer is an input, and its output could not be found: encode to GetBuffer(key)")
	}
	return nil
}

// The result holds the bytes.
func (b *Buffer) write([]byte) error { return nil }

// URL is something to fetch by HTTP.
type URL struct{ url string }

// NewURL names what to fetch, with the default HTTP client. It fetches whatever the address says: do not pass on addresses
// from users unchecked.
func NewURL(url string) *URL { return &URL{url} }

func (u *URL) read(ctx context.Context) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.url, nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode < 200 || response.StatusCode > 299 {
		return nil, fmt.Errorf("GET %s: %s", u.url, response.Status)
	}
	return io.ReadAll(response.Body)
}

// Reader is a stream to read to its end.
type Reader struct{ r io.Reader }

// NewReader reads from r when the job is executed. A second execution finds r at its end.
func NewReader(r io.Reader) *Reader { return &Reader{r} }

func (r *Reader) read(ctx context.Context) ([]byte, error) {
	return io.ReadAll(contextReader{ctx, r.r})
}

// contextReader stops between two reads. A read that blocks is not interrupted.
type contextReader struct {
	ctx context.Context
	r   io.Reader
}

func (r contextReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}

// Writer is a stream to write to.
type Writer struct{ w io.Writer }

// NewWriter writes the output to w in one call, when it is complete.
func NewWriter(w io.Writer) *Writer { return &Writer{w} }

func (w *Writer) check() error { return nil }

func (w *Writer) write(image []byte) error {
	_, err := w.w.Write(image)
	return err
}
