package imageflow_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/imazen/imageflow-go"
)

// slow takes seconds: 36 megapixels, resampled and encoded.
func slow(preset imageflow.Preset) *imageflow.Steps {
	return start().CreateCanvas(6000, 6000, imageflow.SRGB("ff8800")).
		Distort(6050, 6050, imageflow.ConstraintHint{}).
		Encode(imageflow.GetBuffer("o"), preset)
}

func TestCancelMidJob(t *testing.T) {
	// Not GIF, the last: choosing the palette of so many pixels is one long step of its encoder.
	for _, f := range formats[:5] {
		for _, after := range []time.Duration{10, 50, 150} {
			ctx, cancel := context.WithCancel(context.Background())
			cancelled := make(chan time.Time, 1)
			time.AfterFunc(after*time.Millisecond, func() {
				cancelled <- time.Now()
				cancel()
			})
			images, err := slow(f.preset).ExecuteContext(ctx)
			returned := time.Now()
			if err != context.Canceled || images != nil {
				t.Fatalf("%s after %d ms: %v", f.name, after, err)
			}
			latency := returned.Sub(<-cancelled)
			t.Logf("%s after %d ms: returned %v later", f.name, after, latency)
			if latency > 100*time.Millisecond {
				t.Errorf("%s after %d ms: returned only %v later", f.name, after, latency)
			}
		}
	}
}

func TestDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	if _, err := slow(imageflow.WebPLossless{}).ExecuteContext(ctx); err != context.DeadlineExceeded {
		t.Error(err)
	}
}

func TestCancelledBefore(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := slow(imageflow.WebP{}).ExecuteContext(ctx); err != context.Canceled {
		t.Error(err)
	}
	if _, err := imageflow.Info(ctx, imageflow.NewFile("in.jpg")); err != context.Canceled {
		t.Error(err)
	}
}

func TestCancelWhileReading(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	endless := readerFunc(func(p []byte) (int, error) {
		cancel()
		return len(p), nil
	})
	_, err := start().Decode(imageflow.NewReader(endless)).PNG(imageflow.GetBuffer("o")).ExecuteContext(ctx)
	if err != context.Canceled {
		t.Error(err)
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// Jobs beyond the number of processors wait, and can be cancelled then.
func TestCancelWhileWaiting(t *testing.T) {
	occupied, release := context.WithCancel(context.Background())
	var busy sync.WaitGroup
	for i := 0; i < runtime.GOMAXPROCS(0); i++ {
		busy.Add(1)
		go func() {
			defer busy.Done()
			for occupied.Err() == nil {
				slow(imageflow.WebPLossless{}).ExecuteContext(occupied)
			}
		}()
	}
	time.Sleep(50 * time.Millisecond)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Millisecond)
	defer cancel()
	begin := time.Now()
	_, err := start().Decode(imageflow.NewFile("in.jpg")).WebP(imageflow.NewWriter(io.Discard)).ExecuteContext(ctx)
	if took := time.Since(begin); !errors.Is(err, context.DeadlineExceeded) || took > 130*time.Millisecond {
		t.Errorf("%v after %v", err, took)
	}
	release()
	busy.Wait()
}

// A token that is never used costs no goroutine, and one that is used late does not touch a destroyed context.
func TestCancelAfterwards(t *testing.T) {
	before := runtime.NumGoroutine()
	for range 200 {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := start().Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(20).PNG(imageflow.GetBuffer("o")).ExecuteContext(ctx)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
	}
	if after := runtime.NumGoroutine(); after > before+2 {
		t.Errorf("%d goroutines, before %d", after, before)
	}
}

// Cancelling at any moment gives the images or the host's error, and nothing else.
func TestCancelAtAnyMoment(t *testing.T) {
	var finished, cancelled int
	for i := 0; i < 300; i++ {
		ctx, cancel := context.WithTimeout(context.Background(), time.Duration(i*20)*time.Microsecond)
		images, err := start().Decode(imageflow.NewFile("in.jpg")).ConstrainWithinW(300).JPEG(imageflow.GetBuffer("o")).ExecuteContext(ctx)
		cancel()
		switch {
		case err == nil && len(images["o"]) > 0:
			finished++
		case err == context.DeadlineExceeded && images == nil:
			cancelled++
		default:
			t.Fatal(err)
		}
	}
	t.Logf("%d finished, %d cancelled", finished, cancelled)
	if cancelled == 0 {
		t.Error("nothing was cancelled")
	}
}
