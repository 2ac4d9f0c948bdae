package imageflow_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/imazen/imageflow-go"
)

type format struct {
	name, mime, extension string
	preset                imageflow.Preset
}

var formats = []format{
	{"MozJPEG", "image/jpeg", "jpg", imageflow.MozJPEG{}},
	{"LosslessPNG", "image/png", "png", imageflow.LosslessPNG{}},
	{"LossyPNG", "image/png", "png", imageflow.LossyPNG{Quality: 80, Speed: 10}},
	{"WebP", "image/webp", "webp", imageflow.WebP{Quality: 80}},
	{"WebPLossless", "image/webp", "webp", imageflow.WebPLossless{}},
	{"GIF", "image/gif", "gif", imageflow.GIF{}},
}

func TestEveryFormatToEveryFormat(t *testing.T) {
	for _, from := range formats {
		source := picture(t, 90, 60, from.preset)
		for _, to := range formats {
			t.Run(from.name+" to "+to.name, func(t *testing.T) {
				step := imageflow.NewStep()
				result, err := step.Decode(imageflow.NewBuffer(source)).ConstrainWithin(30, 30).
					Encode(imageflow.GetBuffer("small"), to.preset).ExecuteRaw(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				defer result.Close()
				out, in := result.Outputs[0], result.Inputs[0]
				if out.Width != 30 || out.Height != 20 || out.MimeType != to.mime || out.Extension != to.extension || out.Key != "small" {
					t.Errorf("encoded %+v", out)
				}
				if in.Width != 90 || in.Height != 60 || in.MimeType != from.mime || in.Extension != from.extension {
					t.Errorf("decoded %+v", in)
				}
				// What was written is what the response says.
				info, err := imageflow.Info(context.Background(), imageflow.NewBuffer(out.Bytes))
				if err != nil {
					t.Fatal(err)
				}
				if info.Width != 30 || info.Height != 20 || info.MimeType != to.mime {
					t.Errorf("written %+v", info)
				}
			})
		}
	}
}

// One picture per format and folder of the shared corpus, if it is there.
func TestCorpus(t *testing.T) {
	folder := os.Getenv("IMAGEFLOW_SHARED")
	if folder == "" {
		folder = filepath.Join(filepath.Dir(packageDir), "..", "shared")
	}
	ran := 0
	seen := map[string]int{}
	err := filepath.WalkDir(filepath.Join(folder, "corpus"), func(path string, entry os.DirEntry, err error) error {
		if err == nil && entry.IsDir() && entry.Name() == "malformed" {
			return filepath.SkipDir // the engine's own tests cover it
		}
		if err != nil || entry.IsDir() {
			return err
		}
		kind := filepath.Ext(path) + filepath.Dir(path)
		mimes := map[string]string{".jpg": "image/jpeg", ".png": "image/png", ".gif": "image/gif", ".webp": "image/webp"}
		mime := mimes[filepath.Ext(path)]
		if info, err := entry.Info(); err != nil || mime == "" || info.Size() > 2<<20 || seen[kind] == 8 {
			return err
		}
		info, err := imageflow.Info(context.Background(), imageflow.NewFile(path))
		if err != nil || info.MimeType != mime {
			return nil // damaged on purpose, or not what its name says
		}
		seen[kind]++
		for _, to := range formats {
			step := imageflow.NewStep()
			result, err := step.Decode(imageflow.NewFile(path)).ConstrainWithin(40, 40).
				Encode(imageflow.GetBuffer("o"), to.preset).ExecuteRaw(context.Background())
			var damaged *imageflow.Error
			if errors.As(err, &damaged) && damaged.Code == imageflow.CodeImageMalformed {
				continue
			}
			if err != nil {
				t.Errorf("%s to %s: %v", path, to.name, err)
				continue
			}
			out := result.Outputs[0]
			if out.Width > 40 || out.Height > 40 || out.MimeType != to.mime || result.Inputs[0].Width != info.Width {
				t.Errorf("%s to %s: %+v", path, to.name, out)
			}
			ran++
			result.Close()
		}
		return nil
	})
	if errors.Is(err, os.ErrNotExist) {
		t.Skip("there is no shared corpus")
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d conversions", ran)
	if ran < 100 {
		t.Errorf("only %d conversions of the corpus worked", ran)
	}
}
