package imageflow_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/imazen/imageflow-go"
)

// What this package adds to a job, 64×64 PNG to PNG: the median time of a job less that of the same job in C.
//
//	IMAGEFLOW_LIBRARY_PATH=… go test -run '^$' -bench OverRawABI -benchtime 1x
func BenchmarkOverRawABI(b *testing.B) {
	const jobs, rounds = 3000, 7
	library, err := imageflow.Library()
	if err != nil {
		b.Fatal(err)
	}
	source := filepath.Join(packageDir, "..", "tests", "bindings", "raw_jobs.c")
	if _, err := os.Stat(source); err != nil {
		b.Skip("needs the repository of imageflow around the module")
	}
	raw := filepath.Join(b.TempDir(), "raw_jobs")
	if output, err := exec.Command("cc", "-O2", "-I", filepath.Join(packageDir, "..", "include"), "-o", raw, source, library,
		"-Wl,-rpath,"+filepath.Dir(library)).CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, output)
	}
	png := picture(b, 64, 64, imageflow.LosslessPNG{})
	if err := os.WriteFile("64.png", png, 0o644); err != nil {
		b.Fatal(err)
	}
	for range b.N {
		var added, alone []float64
		for range rounds { // in turn, so that other load on the machine meets both
			output, err := exec.Command(raw, "64.png", strconv.Itoa(jobs)).Output()
			if err != nil {
				b.Fatal(err)
			}
			inC, err := strconv.ParseFloat(strings.TrimSpace(string(output)), 64)
			if err != nil {
				b.Fatal(err)
			}
			alone = append(alone, inC)
			added = append(added, medianOfJobs(b, png, jobs)-inC)
		}
		slices.Sort(added)
		slices.Sort(alone)
		b.ReportMetric(alone[rounds/2], "µs/job-in-C")
		b.ReportMetric(added[rounds/2], "µs/job-added")
	}
}

func medianOfJobs(b *testing.B, png []byte, jobs int) float64 {
	times := make([]float64, jobs)
	for i := range times {
		begin := time.Now()
		images, err := start().Decode(imageflow.NewBuffer(png)).PNG(imageflow.GetBuffer("o")).Execute()
		times[i] = float64(time.Since(begin).Nanoseconds()) / 1000
		if err != nil || !bytes.HasPrefix(images["o"], []byte("\x89PNG")) {
			b.Fatal(err)
		}
	}
	slices.Sort(times)
	return times[jobs/2]
}
