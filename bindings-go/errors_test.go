package imageflow_test

import (
	"errors"
	"io/fs"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/imazen/imageflow-go"
)

func start() *imageflow.Steps {
	step := imageflow.NewStep()
	return &step
}

func expectError(t *testing.T, err error, code, http int, text string) {
	t.Helper()
	var e *imageflow.Error
	if !errors.As(err, &e) {
		t.Fatalf("got %v (%T), want an *Error", err, err)
	}
	if e.Code != code || e.HTTP != http || !strings.Contains(e.Message, text) || !strings.Contains(err.Error(), text) {
		t.Errorf("got code %d, HTTP %d, %q; want %d, %d, %q", e.Code, e.HTTP, e.Message, code, http, text)
	}
}

func TestErrorsOfEveryCategory(t *testing.T) {
	png := picture(t, 60, 40, imageflow.LosslessPNG{})
	decoded := func() *imageflow.Steps { return start().Decode(imageflow.NewBuffer(png)) }
	out := imageflow.GetBuffer("o")
	long := decoded()
	for range 2100 {
		long.FlipH()
	}
	for _, c := range []struct {
		name string
		step *imageflow.Steps
		code int
		http int
		text string
	}{
		{"argument", decoded().Crop(5, 5, 1, 1).PNG(out), imageflow.CodeArgumentInvalid, 400, "InvalidNodeParams: Invalid coordinates: 5,5 1,1"},
		{"limit", decoded().Security(imageflow.Security{MaxDecodeSize: &imageflow.SizeLimit{W: 59, H: 100, Megapixels: 1}}).PNG(out),
			imageflow.CodeArgumentInvalid, 400, "SizeLimitExceeded: Frame width 60 exceeds max_decode_size.w 59"},
		{"colour", decoded().FillRect(0, 0, 1, 1, imageflow.SRGB("blue")).PNG(out), imageflow.CodeArgumentInvalid, 400, "Color"},
		{"mode missing", decoded().Constrain(imageflow.Constrain{W: 3}).PNG(out), imageflow.CodeInvalidJSON, 400, "missing field `mode`"},
		{"fraction", decoded().ConstrainWithin(3.5, 0).PNG(out), imageflow.CodeInvalidJSON, 400, "3.5"},
		{"colour missing", decoded().FillRect(0, 0, 1, 1, nil).PNG(out), imageflow.CodeInvalidJSON, 400, `"color"`},
		{"preset missing", decoded().Encode(out, nil), imageflow.CodeInvalidJSON, 400, `"preset"`},
		{"garbage", start().Decode(imageflow.NewBuffer([]byte("not an image"))).PNG(out), imageflow.CodeImageMalformed, 400, "NoEnabledDecoderFound"},
		{"nothing", start().Decode(imageflow.NewBuffer(nil)).PNG(out), imageflow.CodeImageMalformed, 400, "NoEnabledDecoderFound"},
		{"truncated", start().Decode(imageflow.NewBuffer(png[:60])).PNG(out), imageflow.CodeImageMalformed, 400, "ImageDecodingError"},
		{"graph", long.PNG(out), imageflow.CodeGraphInvalid, 400, "exceeding maximum of 2048"},
		{"no image", start().FlipH().PNG(out), imageflow.CodeGraphInvalid, 400, "Parent Input node not found"},
		{"no canvas", decoded().DrawExact(func(*imageflow.Steps) {}, imageflow.DrawExact{W: 1, H: 1}).PNG(out),
			imageflow.CodeGraphInvalid, 400, "Parent Canvas node not found"},
	} {
		t.Run(c.name, func(t *testing.T) {
			images, err := c.step.Execute()
			expectError(t, err, c.code, c.http, c.text)
			if images != nil {
				t.Error("images besides an error")
			}
		})
	}
	_, err := imageflow.Send("v1/build", `{"io":[{"io_id":0,"direction":"in","io":{"file":"absent.png"}}],"framewise":{"steps":[]}}`)
	expectError(t, err, imageflow.CodeIOError, 500, "absent.png")
	_, err = imageflow.Send("v1/nothing", `{}`)
	expectError(t, err, imageflow.CodeArgumentInvalid, 400, "InvalidMessageEndpoint")
	var e *imageflow.Error
	if errors.As(err, &e); !strings.Contains(string(e.Response), `"code": 400`) {
		t.Errorf("the response is %q", e.Response)
	}
	if _, err = imageflow.Send("v1/brew_coffee", `{}`); err == nil || !strings.Contains(err.Error(), "teapot") {
		t.Errorf("a status that is no error of the context: %v", err)
	}
	if _, err = imageflow.Send("v1/get_version_info", `{}`); err != nil {
		t.Error(err)
	}
}

// The text is read in steps of 2, 4, … KiB; the engine's longest has 5000 bytes.
func TestLongErrorsAreNotCut(t *testing.T) {
	digits := strings.Repeat("ab", 2200)
	_, err := start().CreateCanvas(10, 10, imageflow.SRGB(digits)).PNG(imageflow.GetBuffer("o")).Execute()
	expectError(t, err, imageflow.CodeArgumentInvalid, 400, digits)
}

func TestErrorsBeforeTheEngine(t *testing.T) {
	out := imageflow.GetBuffer("o")
	if _, err := start().Decode(imageflow.NewFile("absent.jpg")).PNG(out).Execute(); !errors.Is(err, fs.ErrNotExist) ||
		!strings.Contains(err.Error(), "absent.jpg") {
		t.Error(err)
	}
	_, err := start().Decode(imageflow.NewFile("in.jpg")).PNG(imageflow.NewFile("absent/out.png")).Execute()
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "output 1") {
		t.Error(err)
	}
	if _, err := start().Decode(imageflow.GetBuffer("x")).PNG(out).Execute(); err == nil || !strings.Contains(err.Error(), "NewBuffer") {
		t.Error(err)
	}
	if _, err := start().Decode(imageflow.NewFile("in.jpg")).PNG(imageflow.NewBuffer(nil)).Execute(); err == nil ||
		!strings.Contains(err.Error(), "GetBuffer") {
		t.Error(err)
	}
	broken := start().Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(math.NaN()).PNG(out)
	if _, err := broken.Execute(); err == nil || !strings.Contains(err.Error(), "node 1") || broken.ToJSON() != nil {
		t.Error(err)
	}
	server := httptest.NewServer(http.NotFoundHandler())
	defer server.Close()
	if _, err := start().Decode(imageflow.NewURL(server.URL)).PNG(out).Execute(); err == nil || !strings.Contains(err.Error(), "404") {
		t.Error(err)
	}
}
