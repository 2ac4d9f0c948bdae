package imageflow_test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"sort"
	"strings"
	"testing"

	"github.com/imazen/imageflow-go"
)

// What vectors may need that this package has no calls for.
var notOffered = map[string]string{
	"canvas_fit_box":       "in a watermark node it is the same as the boxes there are",
	"watermark_min_canvas": "Watermark has fixed arguments",
}

type (
	object = map[string]any
	call   struct {
		name string
		args any
	}
)

func (c *call) UnmarshalJSON(text []byte) error {
	return json.Unmarshal(text, &[]any{&c.name, &c.args})
}

func TestBuilderEqualsSharedVectors(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(repository(t), "tests", "bindings", "builder.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name     string
		Needs    []string
		Calls    []call
		Expected struct {
			Nodes []any
			Edges [][3]any
		}
	}
	if err := json.Unmarshal(text, &cases); err != nil {
		t.Fatal(err)
	}
	ran, basic := 0, 0
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			for _, need := range c.Needs {
				if why := notOffered[need]; why != "" {
					t.Skipf("%s: %s", need, why)
				}
			}
			want := graph{Nodes: map[string]any{}}
			for number, node := range c.Expected.Nodes {
				want.Nodes[fmt.Sprint(number)] = node
			}
			for _, e := range c.Expected.Edges {
				want.Edges = append(want.Edges, edge{fmt.Sprint(e[0]), fmt.Sprint(e[1]), e[2].(string)})
			}
			steps := imageflow.NewStep()
			build(t, &steps, c.Calls)
			got := parse(t, steps.ToJSON())
			if g, w := got.forms(), want.forms(); !reflect.DeepEqual(g, w) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(g, "\n"), strings.Join(w, "\n"))
			}
			ran++
			if len(c.Needs) == 0 {
				basic++
			}
		})
	}
	t.Logf("ran %d of %d vectors", ran, len(cases))
	if basic < 30 {
		t.Errorf("only %d vectors of what every client offers: the file is incomplete", basic)
	}
}

// build calls the builder as the vector says.
func build(t *testing.T, s *imageflow.Steps, calls []call) {
	t.Helper()
	for _, c := range calls {
		a, _ := c.args.(object)
		inner := func(s *imageflow.Steps, list any) {
			text, err := json.Marshal(list)
			if err != nil {
				t.Fatal(err)
			}
			var calls []call
			if err := json.Unmarshal(text, &calls); err != nil {
				t.Fatal(err)
			}
			build(t, s, calls)
		}
		canvas := func(canvas *imageflow.Steps) { inner(canvas, a["canvas"]) }
		switch c.name {
		case "decode":
			commands, _ := a["commands"].([]any)
			s.Decode(imageflow.NewBuffer(nil), commands...)
		case "encode":
			s.Encode(imageflow.GetBuffer("o"), preset(t, a["preset"]))
		case "create_canvas":
			s.CreateCanvas(num(a["w"]), num(a["h"]), color(t, a["color"]))
		case "command_io":
			s.CommandIO(imageflow.NewBuffer(nil), a["value"].(string), imageflow.GetBuffer("o"))
		case "constrain":
			to := imageflow.Constrain{Mode: a["mode"].(string), W: num(a["w"]), H: num(a["h"])}
			to.Hint, _ = hints(t, a["hints"]).(imageflow.ConstraintHint)
			to.Gravity = gravity(a["gravity"])
			if a["canvas_color"] != nil {
				to.CanvasColor = color(t, a["canvas_color"])
			}
			switch {
			case to == imageflow.Constrain{Mode: "within", W: to.W}:
				s.ConstrainWithinW(to.W)
			case to == imageflow.Constrain{Mode: "within", H: to.H}:
				s.ConstrainWithinH(to.H)
			case to == imageflow.Constrain{Mode: "within", W: to.W, H: to.H}:
				s.ConstrainWithin(to.W, to.H)
			default:
				s.Constrain(to)
			}
		case "distort":
			h, _ := hints(t, a["hints"]).(imageflow.ConstraintHint)
			s.Distort(num(a["w"]), num(a["h"]), h)
		case "flip_v":
			s.FlipV()
		case "flip_h":
			s.FlipH()
		case "rotate_90":
			s.Rotate90()
		case "rotate_180":
			s.Rotate180()
		case "rotate_270":
			s.Rotate270()
		case "transpose":
			s.Transpose()
		case "crop":
			s.Crop(num(a["x1"]), num(a["y1"]), num(a["x2"]), num(a["y2"]))
		case "region":
			s.Region(imageflow.Region{X1: num(a["x1"]), Y1: num(a["y1"]), X2: num(a["x2"]), Y2: num(a["y2"]),
				BackgroundColor: color(t, a["background_color"])})
		case "region_percent":
			s.RegionPercentage(imageflow.RegionPercentage{X1: num(a["x1"]), Y1: num(a["y1"]), X2: num(a["x2"]), Y2: num(a["y2"]),
				BackgroundColor: color(t, a["background_color"])})
		case "crop_whitespace":
			s.CropWhitespace(int(num(a["threshold"])), num(a["percent_padding"]))
		case "fill_rect":
			s.FillRect(num(a["x1"]), num(a["y1"]), num(a["x2"]), num(a["y2"]), color(t, a["color"]))
		case "expand_canvas":
			s.ExpandCanvas(imageflow.ExpandCanvas{Left: num(a["left"]), Top: num(a["top"]), Right: num(a["right"]),
				Bottom: num(a["bottom"]), Color: color(t, a["color"])})
		case "round_corners":
			radius := a["radius"].(object)
			if percent, ok := radius["percentage"]; ok {
				s.RoundCornersPercent(num(percent), color(t, a["background_color"]))
			} else {
				s.RoundCorners(num(radius["pixels"]), color(t, a["background_color"]))
			}
		case "watermark":
			mode, _ := a["fit_mode"].(string)
			s.Watermark(imageflow.NewBuffer(nil), gravity(a["gravity"]), mode, fitBox(t, a["fit_box"]),
				float32(num(a["opacity"])), hints(t, a["hints"]))
		case "color_filter":
			filter(t, s, a["filter"])
		case "white_balance":
			s.WhiteBalanceSRGB(float32(num(a["threshold"])))
		case "command":
			s.Command(a["value"].(string))
		case "branch":
			s.Branch(func(branch *imageflow.Steps) { inner(branch, c.args) })
		case "draw_image_exact":
			to := imageflow.DrawExact{W: float32(num(a["w"])), H: float32(num(a["h"])), X: float32(num(a["x"])),
				Y: float32(num(a["y"])), Hints: hints(t, a["hints"])}
			to.Blend, _ = a["blend"].(string)
			s.DrawExact(canvas, to)
		case "copy_rect_to_canvas":
			s.CopyRectangle(canvas, imageflow.RectangleToCanvas{FromX: float32(num(a["from_x"])), FromY: float32(num(a["from_y"])),
				W: float32(num(a["w"])), H: float32(num(a["h"])), X: float32(num(a["x"])), Y: float32(num(a["y"]))})
		case "watermark_red_dot":
			s.Node(c.name)
		case "apply_orientation":
			s.Node(object{c.name: a})
		case "color_matrix":
			s.Node(object{"color_matrix_srgb": a})
		default:
			t.Fatalf("the dispatcher does not know %q", c.name)
		}
	}
}

// num is 0 for what is absent, which is how the package spells it.
func num(value any) float64 {
	n, _ := value.(float64)
	return n
}

func color(t *testing.T, value any) imageflow.Color {
	switch v := value.(type) {
	case string:
		if v == "black" {
			return imageflow.Black{}
		} else if v == "transparent" {
			return imageflow.Transparent("")
		}
	case object:
		return imageflow.SRGB(v["srgb"].(object)["hex"].(string))
	}
	t.Fatalf("no colour: %v", value)
	return nil
}

func gravity(value any) any {
	if value == nil {
		return nil
	}
	at := value.(object)["percentage"].(object)
	return imageflow.ConstraintGravity{X: num(at["x"]), Y: num(at["y"])}
}

func hints(t *testing.T, value any) any {
	h, ok := value.(object)
	if !ok {
		return nil
	}
	result := imageflow.ConstraintHint{SharpenPercent: h["sharpen_percent"], DownFilter: h["down_filter"],
		UpFilter: h["up_filter"], ScalingColorspace: h["scaling_colorspace"], ResampleWhen: h["resample_when"],
		SharpenWhen: h["sharpen_when"]}
	if h["background_color"] != nil {
		result.BackgroundColor = color(t, h["background_color"])
	}
	return result
}

func fitBox(t *testing.T, value any) imageflow.FitBox {
	box, _ := value.(object)
	if p, ok := box["image_percentage"].(object); ok {
		return imageflow.PercentageFitBox{X1: num(p["x1"]), Y1: num(p["y1"]), X2: num(p["x2"]), Y2: num(p["y2"])}
	}
	if m, ok := box["image_margins"].(object); ok {
		return imageflow.MarginFitBox{Left: num(m["left"]), Top: num(m["top"]), Right: num(m["right"]), Bottom: num(m["bottom"])}
	}
	if value != nil {
		t.Fatalf("no fit box: %v", value)
	}
	return nil
}

// preset makes what has a type of its own from the type.
func preset(t *testing.T, value any) imageflow.Preset {
	switch value {
	case "gif":
		return imageflow.GIF{}
	case "webplossless":
		return imageflow.WebPLossless{}
	}
	for name, fields := range value.(object) {
		f := fields.(object)
		whether := func(name string) bool { is, _ := f[name].(bool); return is }
		switch {
		case name == "mozjpeg" && f["matte"] == nil:
			return imageflow.MozJPEG{Quality: uint(num(f["quality"])), Progressive: whether("progressive")}
		case name == "lodepng":
			return imageflow.LosslessPNG{MaxDeflate: whether("maximum_deflate")}
		case name == "pngquant":
			return imageflow.LossyPNG{Quality: int(num(f["quality"])), MinimumQuality: int(num(f["minimum_quality"])),
				Speed: int(num(f["speed"])), MaximumDeflate: whether("maximum_deflate")}
		case name == "webplossy":
			return imageflow.WebP{Quality: int(num(f["quality"]))}
		}
	}
	return imageflow.CustomPreset{JSON: value}
}

func filter(t *testing.T, s *imageflow.Steps, value any) {
	plain := map[any]func() *imageflow.Steps{"grayscale_ntsc": s.GrayscaleNTSC, "grayscale_flat": s.GrayscaleFlat,
		"grayscale_bt709": s.GrayscaleBT709, "grayscale_ry": s.GrayscaleRY, "sepia": s.Sepia, "invert": s.Invert}
	if name, ok := value.(string); ok {
		plain[name]()
		return
	}
	by := map[string]func(float32) *imageflow.Steps{"alpha": s.Alpha, "contrast": s.Contrast, "brightness": s.Brightness,
		"saturation": s.Saturation}
	for name, amount := range value.(object) {
		by[name](float32(num(amount)))
	}
}

type graph struct {
	Nodes map[string]any
	Edges []edge
}

type edge struct{ from, to, kind string }

func parse(t *testing.T, message []byte) graph {
	t.Helper()
	var m struct {
		Framewise struct {
			Graph struct {
				Nodes map[string]any
				Edges []struct {
					From, To int
					Kind     string
				}
			}
		}
	}
	if err := json.Unmarshal(message, &m); err != nil {
		t.Fatal(err)
	}
	g := graph{Nodes: m.Framewise.Graph.Nodes}
	for _, e := range m.Framewise.Graph.Edges {
		g.Edges = append(g.Edges, edge{fmt.Sprint(e.From), fmt.Sprint(e.To), e.Kind})
	}
	return g
}

// forms are the same for graphs that mean the same: see tests/bindings/README.md.
func (g graph) forms() []string {
	var forms []string
	for number := range g.Nodes {
		forms = append(forms, marshal(g.form(number)))
	}
	sort.Strings(forms)
	return forms
}

func (g graph) form(number string) any {
	form := []any{normal(g.Nodes[number]), nil, nil}
	for _, e := range g.Edges {
		if e.to == number {
			form[map[string]int{"input": 1, "canvas": 2}[e.kind]] = g.form(e.from)
		}
	}
	return form
}

func normal(value any) any {
	switch v := value.(type) {
	case object:
		for key, member := range v {
			if len(v) == 1 && member == nil {
				return key
			}
		}
		result := object{}
		for key, member := range v {
			member = normal(member)
			text, isText := member.(string)
			list, isList := member.([]any)
			fields, isObject := member.(object)
			switch {
			case member == nil, key == "hints" && isObject && len(fields) == 0, key == "commands" && isList && len(list) == 0:
				continue
			case key == "hex" && isText:
				member = strings.ToLower(strings.TrimPrefix(text, "#"))
			case key == "commands" && isList:
				sort.Slice(list, func(i, j int) bool { return marshal(list[i]) < marshal(list[j]) })
			}
			result[key] = member
		}
		return result
	case []any:
		result := make([]any, len(v))
		for i, member := range v {
			result[i] = normal(member)
		}
		return result
	}
	return value
}

func marshal(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}
