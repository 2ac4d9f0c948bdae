package imageflow_test

import (
	"bytes"
	"context"
	"os"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/imazen/imageflow-go"
)

// residentBytes is what the process has in memory.
func residentBytes(t *testing.T) float64 {
	t.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Skip("needs /proc: ", err)
	}
	debug.FreeOSMemory() // what Go only keeps for later is no leak
	text, err = os.ReadFile("/proc/self/statm")
	if err != nil {
		t.Fatal(err)
	}
	pages, err := strconv.Atoi(strings.Fields(string(text))[1])
	if err != nil {
		t.Fatal(err)
	}
	return float64(pages * os.Getpagesize())
}

// slope of the line that fits the points best.
func slope(x, y []float64) float64 {
	var mx, my, xy, xx float64
	for i := range x {
		mx += x[i] / float64(len(x))
		my += y[i] / float64(len(y))
	}
	for i := range x {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	return xy / xx
}

func TestTenThousandJobsWithFlatMemory(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(1)) // collects all the time
	png := picture(t, 64, 64, imageflow.LosslessPNG{})
	var expected []byte
	var jobs, resident []float64
	for i := 1; i <= 10_000; i++ {
		// The job has the only reference to its input.
		step := start().Decode(imageflow.NewBuffer(bytes.Clone(png)))
		var image []byte
		if i%2 == 0 {
			images, err := step.PNG(imageflow.GetBuffer("o")).Execute()
			if err != nil {
				t.Fatal(err)
			}
			image = images["o"]
		} else {
			result, err := step.PNG(imageflow.GetBuffer("o")).ExecuteRaw(context.Background())
			if err != nil {
				t.Fatal(err)
			}
			image = bytes.Clone(result.Outputs[0].Bytes)
			result.Close()
		}
		if expected == nil {
			expected = image
		}
		if !bytes.Equal(image, expected) {
			t.Fatalf("job %d gave something else", i)
		}
		// A failing job frees what it has as well.
		if _, err := start().Decode(imageflow.NewBuffer(png[:60])).PNG(imageflow.GetBuffer("o")).Execute(); err == nil {
			t.Fatal("half a picture")
		}
		if i > 2000 && i%250 == 0 {
			jobs = append(jobs, float64(i))
			resident = append(resident, residentBytes(t))
		}
	}
	growth := slope(jobs, resident)
	t.Logf("%.1f bytes per job; %.1f MiB resident", growth, resident[len(resident)-1]/(1<<20))
	// One context that is not destroyed is 1 KiB.
	if growth > 200 {
		t.Errorf("memory grows by %.0f bytes per job: %.0f", growth, resident)
	}
}

func Test32ConcurrentJobs(t *testing.T) {
	inputs := make([][]byte, len(formats))
	expected := make([][]byte, len(formats))
	job := func(i int) ([]byte, error) {
		images, err := start().Decode(imageflow.NewBuffer(bytes.Clone(inputs[i]))).ConstrainWithin(50, 50).Rotate90().
			Encode(imageflow.GetBuffer("o"), formats[i].preset).Execute()
		return images["o"], err
	}
	var err error
	for i, f := range formats {
		inputs[i] = picture(t, 200, 150, f.preset)
		if expected[i], err = job(i); err != nil {
			t.Fatal(err)
		}
	}
	stop := make(chan struct{})
	collected := make(chan struct{})
	go func() {
		defer close(collected)
		for {
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
				runtime.GC()
			}
		}
	}()
	var all sync.WaitGroup
	for worker := 0; worker < 32; worker++ {
		all.Add(1)
		go func() {
			defer all.Done()
			for round := 0; round < 20; round++ {
				i := (worker + round) % len(formats)
				image, err := job(i)
				if err != nil {
					t.Error(err)
					return
				}
				if !bytes.Equal(image, expected[i]) {
					t.Errorf("%s differs from what it was alone", formats[i].name)
				}
			}
		}()
	}
	all.Wait()
	close(stop)
	<-collected
}
