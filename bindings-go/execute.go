package imageflow

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
)

// running bounds the jobs that run at a time: each one blocks a thread of the system and has frames in memory.
var running = make(chan struct{}, runtime.GOMAXPROCS(0))

// Execute runs the job and returns the outputs encoded to GetBuffer, by key. Other outputs are written where they belong.
func (s *Steps) Execute() (map[string][]byte, error) {
	return s.ExecuteContext(context.Background())
}

// ExecuteContext is Execute that stops when ctx is done, and returns ctx.Err() then.
func (s *Steps) ExecuteContext(ctx context.Context) (map[string][]byte, error) {
	finished, err := s.run(ctx)
	if err != nil {
		return nil, err
	}
	defer finished.free()
	buffers := make(map[string][]byte)
	for i, output := range s.job.outputs {
		if buffer, ok := output.destination.(*Buffer); ok {
			buffers[buffer.key] = finished.images[i].bytes()
		}
	}
	return buffers, nil
}

// Result is what ExecuteRaw returns. Close frees the outputs.
type Result struct {
	// Outputs are in the order of the Encode calls.
	Outputs []Encoded
	// Inputs are in the order of the Decode calls, watermarks included.
	Inputs []Decoded

	finished *finishedJob
}

// Encoded is an image that was encoded.
type Encoded struct {
	Key string // of its GetBuffer; empty for other destinations
	// Bytes is memory of the library: read it before Close, and keep no part of it.
	Bytes         []byte
	Width, Height int
	MimeType      string
	Extension     string // without a dot
}

// Decoded is an image that was decoded: its size is that of the file, orientation applied.
type Decoded struct {
	Width, Height int
	MimeType      string
	Extension     string // without a dot
}

// Close frees the memory behind Bytes of all outputs. It always returns nil.
func (r *Result) Close() error {
	for i := range r.Outputs {
		r.Outputs[i].Bytes = nil
	}
	r.finished.free()
	return nil
}

// ExecuteRaw runs the job like ExecuteContext, and returns sizes and formats besides. The bytes of the outputs are not copied:
// they are the library's, until Close.
func (s *Steps) ExecuteRaw(ctx context.Context) (*Result, error) {
	finished, err := s.run(ctx)
	if err != nil {
		return nil, err
	}
	result, err := s.describe(finished)
	if err != nil {
		finished.free()
		return nil, err
	}
	return result, nil
}

// jobResult is the part of a response that says what was decoded and encoded.
type jobResult struct {
	Data struct {
		JobResult struct {
			Encodes, Decodes []struct {
				IoID      int    `json:"io_id"`
				W         int    `json:"w"`
				H         int    `json:"h"`
				MimeType  string `json:"preferred_mime_type"`
				Extension string `json:"preferred_extension"`
			}
		} `json:"job_result"`
	} `json:"data"`
}

func (s *Steps) describe(finished *finishedJob) (*Result, error) {
	var response jobResult
	if err := json.Unmarshal(finished.response, &response); err != nil {
		return nil, fmt.Errorf("imageflow: the response of the engine: %w", err)
	}
	result := &Result{finished: finished}
	for i, output := range s.job.outputs {
		image := Encoded{Bytes: finished.images[i].view()}
		if buffer, ok := output.destination.(*Buffer); ok {
			image.Key = buffer.key
		}
		for _, e := range response.Data.JobResult.Encodes {
			if e.IoID == output.id {
				image.Width, image.Height, image.MimeType, image.Extension = e.W, e.H, e.MimeType, e.Extension
			}
		}
		result.Outputs = append(result.Outputs, image)
	}
	for _, input := range s.job.inputs {
		var image Decoded
		for _, d := range response.Data.JobResult.Decodes {
			if d.IoID == input.id {
				image = Decoded{d.W, d.H, d.MimeType, d.Extension}
			}
		}
		result.Inputs = append(result.Inputs, image)
	}
	return result, nil
}

// finishedJob holds what a job produced, in the order of its outputs.
type finishedJob struct {
	images   []nativeBuffer
	response []byte
}

func (f *finishedJob) free() {
	for i := range f.images {
		f.images[i].free()
	}
}

// run reads the inputs, runs the job and writes the outputs. Reading and writing may be slow, and do not count as running.
func (s *Steps) run(ctx context.Context) (*finishedJob, error) {
	message, err := s.message()
	if err != nil {
		return nil, err
	}
	for _, output := range s.job.outputs {
		if err := output.destination.check(); err != nil {
			return nil, fmt.Errorf("imageflow: output %d: %w", output.id, err)
		}
	}
	inputs := make([][]byte, len(s.job.inputs))
	for i, input := range s.job.inputs {
		if inputs[i], err = input.source.read(ctx); err != nil {
			return nil, hostError(ctx, fmt.Errorf("imageflow: input %d: %w", input.id, err))
		}
	}
	finished, err := s.job.send(ctx, message, inputs)
	if err != nil {
		return nil, hostError(ctx, err)
	}
	for i, output := range s.job.outputs {
		if err := output.destination.write(finished.images[i].view()); err != nil {
			finished.free()
			return nil, fmt.Errorf("imageflow: output %d: %w", output.id, err)
		}
	}
	return finished, nil
}

func (j *job) send(ctx context.Context, message []byte, inputs [][]byte) (finished *finishedJob, err error) {
	err = withContext(ctx, func(native *nativeContext) error {
		for i, input := range j.inputs {
			if err := native.addInput(input.id, inputs[i]); err != nil {
				return fmt.Errorf("imageflow: input %d: %w", input.id, err)
			}
		}
		for _, output := range j.outputs {
			if err := native.addOutput(output.id); err != nil {
				return fmt.Errorf("imageflow: output %d: %w", output.id, err)
			}
		}
		response, err := native.send("v1/execute", message)
		if err != nil {
			return err
		}
		finished = &finishedJob{response: response, images: make([]nativeBuffer, len(j.outputs))}
		for i, output := range j.outputs {
			if finished.images[i], err = native.takeOutput(output.id); err != nil {
				finished.free()
				return fmt.Errorf("imageflow: output %d: %w", output.id, err)
			}
		}
		return nil
	})
	return finished, err
}

// withContext waits for its turn, and runs f with a context of the library that is cancelled when ctx is done.
func withContext(ctx context.Context, f func(*nativeContext) error) error {
	if err := ctx.Err(); err != nil {
		return err // select picks at random when a place is free as well
	}
	select {
	case running <- struct{}{}:
		defer func() { <-running }()
	case <-ctx.Done():
		return ctx.Err()
	}
	native, err := newContext()
	if err != nil {
		return err
	}
	defer native.destroy()
	defer native.cancelWith(ctx)()
	return f(native)
}

// hostError replaces the engine's way to say that it was cancelled, and that of a reader, by Go's.
func hostError(ctx context.Context, err error) error {
	var engine *Error
	cancelled := errors.As(err, &engine) && engine.Code == CodeOperationCancelled
	if ctx.Err() != nil && (cancelled || errors.Is(err, ctx.Err())) {
		return ctx.Err()
	}
	return err
}
