package imageflow

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// object is a JSON object.
type object = map[string]any

// Steps is a chain of operations on an image. Every call adds an operation to the end of the chain; nothing is checked or
// done before Execute. A Steps must not be used by two goroutines at a time.
type Steps struct {
	job  *job
	last int // the node the next one gets its image from, or none
}

const none = -1

// job is what the chains of one graph share.
type job struct {
	nodes    []json.RawMessage
	edges    []edge
	inputs   []input
	outputs  []output
	security *Security
	err      error // the first value that could not become JSON
}

type edge struct {
	From int    `json:"from"`
	To   int    `json:"to"`
	Kind string `json:"kind"`
}

type input struct {
	id     int
	source Source
}

type output struct {
	id          int
	destination Destination
}

// NewStep begins an empty job. Begin with Decode or CreateCanvas.
func NewStep() Steps { return Steps{job: &job{}, last: none} }

// init makes the zero value usable.
func (s *Steps) init() {
	if s.job == nil {
		*s = NewStep()
	}
}

// add appends a node and returns its number.
func (s *Steps) add(node any, parents ...edge) int {
	s.init()
	number := len(s.job.nodes)
	encoded, err := json.Marshal(node)
	if err != nil && s.job.err == nil {
		s.job.err = fmt.Errorf("imageflow: node %d: %w", number, err)
	}
	s.job.nodes = append(s.job.nodes, encoded)
	for _, parent := range parents {
		if parent.From != none {
			s.job.edges = append(s.job.edges, edge{parent.From, number, parent.Kind})
		}
	}
	return number
}

// Node adds any node of the JSON interface that takes one image and gives one, such as
//
//	Node(map[string]any{"apply_orientation": map[string]any{"flag": 6}})
func (s *Steps) Node(node any) *Steps {
	s.init()
	s.last = s.add(node, edge{From: s.last, Kind: "input"})
	return s
}

func (j *job) addInput(source Source) (id int) {
	id = len(j.inputs) + len(j.outputs)
	j.inputs = append(j.inputs, input{id, source})
	return id
}

func (j *job) addOutput(destination Destination) (id int) {
	id = len(j.inputs) + len(j.outputs)
	j.outputs = append(j.outputs, output{id, destination})
	return id
}

// Decode begins a chain with an image. The commands are decoder commands of the JSON interface, such as
// "discard_color_profile".
func (s *Steps) Decode(source Source, commands ...any) *Steps {
	s.init()
	fields := object{"io_id": s.job.addInput(source)}
	if len(commands) > 0 {
		fields["commands"] = commands
	}
	s.last = s.add(object{"decode": fields})
	return s
}

// Encode writes the image as it is at this point of the chain. Operations may follow; they do not change what was written.
func (s *Steps) Encode(destination Destination, preset Preset) *Steps {
	s.init()
	var wire any
	if preset != nil {
		wire = preset.preset()
	}
	s.add(object{"encode": object{"io_id": s.job.addOutput(destination), "preset": wire}}, edge{From: s.last, Kind: "input"})
	return s
}

// JPEG encodes as MozJPEG{}.
func (s *Steps) JPEG(destination Destination) *Steps { return s.Encode(destination, MozJPEG{}) }

// PNG encodes as LosslessPNG{}.
func (s *Steps) PNG(destination Destination) *Steps { return s.Encode(destination, LosslessPNG{}) }

// WebP encodes as WebPLossless{}.
func (s *Steps) WebP(destination Destination) *Steps { return s.Encode(destination, WebPLossless{}) }

// GIF encodes as GIF{}.
func (s *Steps) GIF(destination Destination) *Steps { return s.Encode(destination, GIF{}) }

// CommandIO decodes, processes and encodes as a querystring says: "w=400&format=webp".
func (s *Steps) CommandIO(source Source, command string, destination Destination) *Steps {
	s.init()
	fields := object{"kind": "ir4", "value": command}
	fields["decode"] = s.job.addInput(source)
	fields["encode"] = s.job.addOutput(destination)
	s.add(object{"command_string": fields})
	return s
}

// Branch makes another chain from the current image. The chain it is called on goes on where it was.
func (s *Steps) Branch(f func(*Steps)) *Steps {
	s.init()
	branch := *s
	f(&branch)
	return s
}

// DrawExact draws the current image on the canvas that f makes, and goes on with that canvas.
func (s *Steps) DrawExact(f func(*Steps), to DrawExact) *Steps {
	return s.onCanvas(f, object{"draw_image_exact": to})
}

// CopyRectangle copies a rectangle of the current image to the canvas that f makes, and goes on with that canvas.
func (s *Steps) CopyRectangle(f func(*Steps), area RectangleToCanvas) *Steps {
	return s.onCanvas(f, object{"copy_rect_to_canvas": area})
}

func (s *Steps) onCanvas(f func(*Steps), node any) *Steps {
	s.init()
	canvas := Steps{job: s.job, last: none}
	f(&canvas)
	s.last = s.add(node, edge{From: s.last, Kind: "input"}, edge{From: canvas.last, Kind: "canvas"})
	return s
}

// Security limits the sizes the job accepts.
func (s *Steps) Security(limits Security) *Steps {
	s.init()
	s.job.security = &limits
	return s
}

// ToJSON is the message the job consists of: the body of v1/execute. It is nil when an argument cannot become JSON;
// Execute says which.
func (s *Steps) ToJSON() []byte {
	message, err := s.message()
	if err != nil {
		return nil
	}
	return message
}

func (s *Steps) message() ([]byte, error) {
	s.init()
	if s.job.err != nil {
		return nil, s.job.err
	}
	nodes := make(map[string]json.RawMessage, len(s.job.nodes))
	for number, node := range s.job.nodes {
		nodes[strconv.Itoa(number)] = node
	}
	edges := s.job.edges
	if edges == nil {
		edges = []edge{} // an empty list, not null
	}
	message := object{"framewise": object{"graph": object{"nodes": nodes, "edges": edges}}}
	if s.job.security != nil {
		message["security"] = s.job.security
	}
	return json.Marshal(message)
}
