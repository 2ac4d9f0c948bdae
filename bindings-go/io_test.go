package imageflow_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"testing"
	"testing/iotest"

	"github.com/imazen/imageflow-go"
)

func TestEverySourceAndDestinationGivesTheSame(t *testing.T) {
	photo, err := os.ReadFile("in.jpg")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.FileServer(http.Dir(".")))
	defer server.Close()
	images, err := start().Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(99).PNG(imageflow.GetBuffer("o")).Execute()
	if err != nil {
		t.Fatal(err)
	}
	want := images["o"]
	for name, source := range map[string]imageflow.Source{
		"buffer": imageflow.NewBuffer(photo),
		"reader": imageflow.NewReader(iotest.OneByteReader(bytes.NewReader(photo))),
		"URL":    imageflow.NewURL(server.URL + "/in.jpg"),
	} {
		var written bytes.Buffer
		images, err := start().Decode(source).ConstrainWithinW(99).
			PNG(imageflow.NewWriter(&written)).PNG(imageflow.NewFile("same.png")).PNG(imageflow.GetBuffer("same")).Execute()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		file, err := os.ReadFile("same.png")
		if err != nil || !bytes.Equal(file, want) || !bytes.Equal(written.Bytes(), want) || !bytes.Equal(images["same"], want) {
			t.Errorf("%s: outputs differ: %v", name, err)
		}
		if len(images) != 1 {
			t.Errorf("%s: %d images in memory", name, len(images))
		}
	}
}

func TestFailingReaderAndWriter(t *testing.T) {
	broken := errors.New("broken")
	_, err := start().Decode(imageflow.NewReader(iotest.ErrReader(broken))).PNG(imageflow.GetBuffer("o")).Execute()
	if !errors.Is(err, broken) {
		t.Error(err)
	}
	_, err = start().Decode(imageflow.NewFile("in.jpg")).PNG(imageflow.NewWriter(writerFunc(func([]byte) (int, error) {
		return 0, broken
	}))).Execute()
	if !errors.Is(err, broken) {
		t.Error(err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestResultHoldsItsMemoryUntilClose(t *testing.T) {
	result, err := start().Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(99).
		PNG(imageflow.GetBuffer("png")).JPEG(imageflow.NewFile("small.jpg")).ExecuteRaw(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	file, err := os.ReadFile("small.jpg")
	if err != nil || !bytes.Equal(file, result.Outputs[1].Bytes) || result.Outputs[0].Key != "png" || result.Outputs[1].Key != "" {
		t.Errorf("%v", err)
	}
	_ = append(result.Outputs[0].Bytes, 1) // copies, for the memory is full
	if err := result.Close(); err != nil || result.Outputs[0].Bytes != nil {
		t.Error(err)
	}
}

// What the JSON interface offers and has no call of its own.
func TestOtherNodesPresetsAndCommands(t *testing.T) {
	result, err := start().Decode(imageflow.NewFile("in.jpg"), "discard_color_profile",
		map[string]any{"jpeg_downscale_hints": map[string]any{"width": 400, "height": 300}}).
		Node(map[string]any{"apply_orientation": map[string]any{"flag": 6}}).
		Encode(imageflow.GetBuffer("o"), imageflow.CustomPreset{JSON: map[string]any{"format": map[string]any{"format": "webp"}}}).
		ExecuteRaw(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	defer result.Close()
	if out := result.Outputs[0]; out.Width != 300 || out.Height != 400 || out.MimeType != "image/webp" {
		t.Errorf("%+v", out)
	}
}
