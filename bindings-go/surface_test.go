package imageflow_test

import (
	"os"
	"testing"

	"github.com/imazen/imageflow-go"
)

// Everything the 2.x client offers, written as its users write it: this file must compile, and its jobs must run.
func TestSurfaceOf2x(t *testing.T) {
	var (
		_ imageflow.Color  = imageflow.Black{}
		_ imageflow.Color  = imageflow.Transparent("")
		_ imageflow.FitBox = imageflow.PercentageFitBox{}
		_ imageflow.FitBox = imageflow.MarginFitBox{}

		file *imageflow.File   = imageflow.NewFile("in.jpg")
		get  *imageflow.Buffer = imageflow.GetBuffer("png")
		url  *imageflow.URL    = imageflow.NewURL("http://localhost/in.jpg")

		step imageflow.Steps = imageflow.NewStep()
	)
	photo, err := os.ReadFile("in.jpg")
	if err != nil {
		t.Fatal(err)
	}
	var buffer *imageflow.Buffer = imageflow.NewBuffer(photo)
	// Not executed, for there is no server.
	remote := imageflow.NewStep()
	if remote.Decode(url).JPEG(imageflow.GetBuffer("o")).ToJSON() == nil {
		t.Error("no message")
	}

	var chain *imageflow.Steps = step.Decode(file)
	chain.ConstrainWithin(400, 300).ConstrainWithinW(380).ConstrainWithinH(280).
		Constrain(imageflow.Constrain{
			Mode: "fit_pad", W: 300, H: 300,
			Hint: imageflow.ConstraintHint{SharpenPercent: 15, DownFilter: "robidoux", UpFilter: "ginseng",
				ScalingColorspace: "linear", BackgroundColor: imageflow.Black{}, ResampleWhen: "size_differs",
				SharpenWhen: "downscaling"},
			Gravity: imageflow.ConstraintGravity{X: 50, Y: 0}, CanvasColor: imageflow.Black{},
		}).
		Rotate90().Rotate180().Rotate270().FlipH().FlipV().
		Region(imageflow.Region{X1: -10, Y1: 0, X2: 290, Y2: 300, BackgroundColor: imageflow.Black{}}).
		RegionPercentage(imageflow.RegionPercentage{X1: 0, Y1: 0, X2: 110, Y2: 100, BackgroundColor: imageflow.Transparent("")}).
		CropWhitespace(80, 2.5).
		FillRect(0, 0, 8, 8, imageflow.Black{}).
		ExpandCanvas(imageflow.ExpandCanvas{Left: 10, Right: 11, Top: 12, Bottom: 13, Color: imageflow.Black{}}).
		Watermark(buffer, imageflow.ConstraintGravity{X: 100, Y: 100}, "within",
			imageflow.PercentageFitBox{X1: 10, Y1: 10, X2: 90, Y2: 90}, .5, imageflow.ConstraintHint{SharpenPercent: 3}).
		Watermark(imageflow.NewFile("in.jpg"), nil, "", nil, 0, nil).
		Watermark(buffer, nil, "fit", imageflow.MarginFitBox{Left: 1, Right: 1, Top: 1, Bottom: 1}, 1, nil).
		Command("w=200&h=200&mode=max").
		WhiteBalanceSRGB(0.01).GrayscaleNTSC().GrayscaleFlat().GrayscaleBT709().GrayscaleRY().Sepia().Invert().
		Alpha(0.8).Contrast(0.1).Brightness(0.1).Saturation(-0.2).
		Branch(func(branch *imageflow.Steps) {
			branch.ConstrainWithin(50, 50).
				Encode(imageflow.NewFile("out.jpg"), imageflow.MozJPEG{Quality: 80, Progressive: true})
		}).
		Branch(func(branch *imageflow.Steps) { branch.JPEG(imageflow.GetBuffer("jpeg")) }).
		Branch(func(branch *imageflow.Steps) { branch.PNG(get) }).
		Branch(func(branch *imageflow.Steps) { branch.WebP(imageflow.GetBuffer("webp")) }).
		Branch(func(branch *imageflow.Steps) { branch.GIF(imageflow.GetBuffer("gif")) }).
		Branch(func(branch *imageflow.Steps) {
			branch.Encode(imageflow.GetBuffer("lossy png"), imageflow.LossyPNG{Quality: 90, MinimumQuality: 10, Speed: 8, MaximumDeflate: true})
		}).
		Branch(func(branch *imageflow.Steps) {
			branch.Encode(imageflow.GetBuffer("lossless png"), imageflow.LosslessPNG{MaxDeflate: true})
		}).
		Branch(func(branch *imageflow.Steps) {
			branch.Encode(imageflow.GetBuffer("lossless webp"), imageflow.WebPLossless{})
		}).
		DrawExact(func(canvas *imageflow.Steps) { canvas.Decode(imageflow.NewFile("in.jpg")) },
			imageflow.DrawExact{W: 40, H: 30, X: 5, Y: 6, Blend: "compose", Hints: imageflow.ConstraintHint{DownFilter: "box"}}).
		CopyRectangle(func(canvas *imageflow.Steps) { canvas.Decode(buffer).ConstrainWithin(300, 300) },
			imageflow.RectangleToCanvas{FromX: 0, FromY: 0, W: 20, H: 20, X: 10, Y: 10}).
		Encode(imageflow.GetBuffer("webp lossy"), imageflow.WebP{Quality: 80})

	var message []byte = step.ToJSON()
	if len(message) == 0 {
		t.Error("no message")
	}
	var images map[string][]byte
	images, err = step.Execute()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"jpeg", "png", "webp", "gif", "lossy png", "lossless png", "lossless webp", "webp lossy"} {
		if len(images[key]) == 0 {
			t.Errorf("%s is missing", key)
		}
	}
	if len(images) != 8 {
		t.Errorf("got %d images: files do not belong there", len(images))
	}
	if written, err := os.Stat("out.jpg"); err != nil || written.Size() == 0 || written.Mode().Perm()&0o600 != 0o600 {
		t.Error(written, err)
	}
}

// Values whose zero stands for something else, and whole numbers, as the 2.x client sends them.
func TestZeroValuesOf2x(t *testing.T) {
	step := imageflow.NewStep()
	step.Decode(imageflow.NewBuffer(nil)).Constrain(imageflow.Constrain{Mode: "within", W: 5}).
		Watermark(imageflow.NewBuffer(nil), nil, "", nil, 0, nil).
		Encode(imageflow.GetBuffer("a"), imageflow.MozJPEG{}).Encode(imageflow.GetBuffer("b"), imageflow.WebP{}).
		Encode(imageflow.GetBuffer("c"), imageflow.LossyPNG{})
	nodes := parse(t, step.ToJSON()).Nodes
	for number, want := range map[string]string{
		"1": `{"constrain":{"hints":{},"mode":"within","w":5}}`,
		"2": `{"watermark":{"fit_mode":"within","io_id":1,"opacity":1}}`,
		"3": `{"encode":{"io_id":2,"preset":{"mozjpeg":{"progressive":false,"quality":90}}}}`,
		"4": `{"encode":{"io_id":3,"preset":{"webplossy":{"quality":100}}}}`,
		"5": `{"encode":{"io_id":4,"preset":{"pngquant":{"maximum_deflate":false}}}}`,
	} {
		if got := marshal(nodes[number]); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	var zero imageflow.Steps
	if images, err := zero.Decode(imageflow.NewFile("in.jpg")).PNG(imageflow.GetBuffer("o")).Execute(); err != nil || len(images["o"]) == 0 {
		t.Error(err)
	}
}
