package imageflow_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/imazen/imageflow-go"
)

// The bodies are those of README.md, word for word: TestReadme compares.

func Example() {
	b, err := os.ReadFile("in.jpg")
	if err != nil {
		panic(err)
	}
	func() {
		step := imageflow.NewStep()
		res, err := step.Decode(imageflow.NewBuffer(b)).ConstrainWithinW(400).
			Encode(imageflow.GetBuffer("o"), imageflow.WebP{Quality: 80}).Execute()
		fmt.Printf("%.4s %v\n", res["o"], err)
	}()
	// Output: RIFF <nil>
}

func ExampleSteps_Branch() {
	step := imageflow.NewStep()
	images, err := step.Decode(imageflow.NewFile("in.jpg")).
		Branch(func(small *imageflow.Steps) {
			small.ConstrainWithinW(100).JPEG(imageflow.GetBuffer("small"))
		}).
		ConstrainWithinW(600).
		JPEG(imageflow.GetBuffer("large")).
		Execute()
	if err != nil {
		panic(err)
	}
	for _, key := range []string{"small", "large"} {
		info, err := imageflow.Info(context.Background(), imageflow.NewBuffer(images[key]))
		if err != nil {
			panic(err)
		}
		fmt.Println(key, info.Width, info.Height)
	}
	// Output:
	// small 100 75
	// large 600 450
}

func ExampleSteps_CommandIO() {
	r, err := os.Open("in.jpg")
	if err != nil {
		panic(err)
	}
	defer r.Close()
	w := &bytes.Buffer{}
	func() {
		step := imageflow.NewStep()
		_, err := step.CommandIO(imageflow.NewReader(r), "w=200&h=200&mode=crop&format=png", imageflow.NewWriter(w)).Execute()
		fmt.Println(err)
	}()
	info, err := imageflow.Info(context.Background(), imageflow.NewReader(w))
	fmt.Println(info.Width, info.Height, info.MimeType, err)
	// Output:
	// <nil>
	// 200 200 image/png <nil>
}

func ExampleSteps_ExecuteRaw() {
	fmt.Println(func() error {
		step := imageflow.NewStep()
		result, err := step.Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(400).
			PNG(imageflow.GetBuffer("o")).ExecuteRaw(context.Background())
		if err != nil {
			return err
		}
		defer result.Close()
		out := result.Outputs[0]
		fmt.Println(result.Inputs[0].Width, "to", out.Width, out.Height, out.MimeType)
		return nil
	}())
	// Output:
	// 800 to 400 300 image/png
	// <nil>
}

func ExampleInfo() {
	info, err := imageflow.Info(context.Background(), imageflow.NewFile("in.jpg"))
	if err != nil {
		panic(err)
	}
	fmt.Println(info.Width, info.Height, info.MimeType)
	// Output: 800 600 image/jpeg
}

func ExampleSteps_ExecuteContext() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Millisecond)
	defer cancel()
	step := imageflow.NewStep()
	_, err := step.CreateCanvas(8000, 8000, imageflow.Black{}).Distort(9000, 9000, imageflow.ConstraintHint{}).
		PNG(imageflow.GetBuffer("o")).ExecuteContext(ctx)
	fmt.Println(errors.Is(err, context.DeadlineExceeded))
	// Output: true
}

func ExampleError() {
	step := imageflow.NewStep()
	_, err := step.Decode(imageflow.NewBuffer([]byte("not an image"))).PNG(imageflow.GetBuffer("o")).Execute()
	var failure *imageflow.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Code == imageflow.CodeImageMalformed, failure.HTTP)
	}
	// Output: true 400
}

func ExampleSteps_Security() {
	step := imageflow.NewStep()
	_, err := step.Decode(imageflow.NewFile("in.jpg")).
		Security(imageflow.Security{MaxDecodeSize: &imageflow.SizeLimit{W: 500, H: 500, Megapixels: 1}}).
		PNG(imageflow.GetBuffer("o")).Execute()
	var failure *imageflow.Error
	fmt.Println(errors.As(err, &failure) && failure.Code == imageflow.CodeArgumentInvalid)
	// Output: true
}
