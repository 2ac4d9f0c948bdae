package imageflow

import "encoding/json"

// Constrain fits an image into W×H. A dimension of 0 follows from the other.
type Constrain struct {
	Mode        string         `json:"mode,omitempty"` // distort, within, fit, larger_than, within_crop, fit_crop, aspect_crop, within_pad, fit_pad
	W           float64        `json:"w,omitempty"`
	H           float64        `json:"h,omitempty"`
	Hint        ConstraintHint `json:"hints"`
	Gravity     interface{}    `json:"gravity,omitempty"`      // a ConstraintGravity; the centre when nil
	CanvasColor interface{}    `json:"canvas_color,omitempty"` // a Color, for padding
}

// ConstraintHint says how to resample. What is nil is left to the engine.
type ConstraintHint struct {
	SharpenPercent    interface{} `json:"sharpen_percent,omitempty"`
	DownFilter        interface{} `json:"down_filter,omitempty"`
	UpFilter          interface{} `json:"up_filter,omitempty"`
	ScalingColorspace interface{} `json:"scaling_colorspace,omitempty"`
	BackgroundColor   interface{} `json:"background_color,omitempty"`
	ResampleWhen      interface{} `json:"resample_when,omitempty"`
	SharpenWhen       interface{} `json:"sharpen_when,omitempty"`
}

// ConstraintGravity says which point to keep, or where to put an image, in percent from the top left.
type ConstraintGravity struct {
	X, Y float64
}

// MarshalJSON gives the gravity as the engine reads it.
func (g ConstraintGravity) MarshalJSON() ([]byte, error) {
	return json.Marshal(object{"percentage": object{"x": g.X, "y": g.Y}})
}

// Region is a rectangle in pixels. It may reach beyond the image; BackgroundColor, a Color, is seen there.
type Region struct {
	X1              float64     `json:"x1"`
	Y1              float64     `json:"y1"`
	X2              float64     `json:"x2"`
	Y2              float64     `json:"y2"`
	BackgroundColor interface{} `json:"background_color,omitempty"`
}

// RegionPercentage is a rectangle in percent of the image. It may reach beyond the image; BackgroundColor, a Color, is seen
// there.
type RegionPercentage struct {
	X1              float64     `json:"x1"`
	Y1              float64     `json:"y1"`
	X2              float64     `json:"x2"`
	Y2              float64     `json:"y2"`
	BackgroundColor interface{} `json:"background_color,omitempty"`
}

// ExpandCanvas adds pixels of Color, a Color, around the image.
type ExpandCanvas struct {
	Left   float64     `json:"left"`
	Right  float64     `json:"right"`
	Top    float64     `json:"top"`
	Bottom float64     `json:"bottom"`
	Color  interface{} `json:"color,omitempty"`
}

// RectangleToCanvas says which rectangle of an image to copy, and where to.
type RectangleToCanvas struct {
	FromX float32 `json:"from_x"`
	FromY float32 `json:"from_y"`
	W     float32 `json:"w"`
	H     float32 `json:"h"`
	X     float32 `json:"x"`
	Y     float32 `json:"y"`
}

// DrawExact says where and how large to draw an image.
type DrawExact struct {
	W     float32     `json:"w"`
	H     float32     `json:"h"`
	X     float32     `json:"x"`
	Y     float32     `json:"y"`
	Blend string      `json:"blend,omitempty"` // compose (when empty) or overwrite
	Hints interface{} `json:"hints,omitempty"` // a ConstraintHint
}

// FitBox is PercentageFitBox or MarginFitBox: the part of the image a watermark may cover.
type FitBox interface {
	json.Marshaler
	fitBox()
}

// PercentageFitBox is a box in percent of the image.
type PercentageFitBox struct {
	X1, Y1, X2, Y2 float64
}

// MarginFitBox is the image without margins, in pixels.
type MarginFitBox struct {
	Left, Top, Right, Bottom float64
}

func (PercentageFitBox) fitBox() {}
func (MarginFitBox) fitBox()     {}

// MarshalJSON gives the box as the engine reads it.
func (b PercentageFitBox) MarshalJSON() ([]byte, error) {
	return json.Marshal(object{"image_percentage": object{"x1": b.X1, "y1": b.Y1, "x2": b.X2, "y2": b.Y2}})
}

// MarshalJSON gives the box as the engine reads it.
func (b MarginFitBox) MarshalJSON() ([]byte, error) {
	return json.Marshal(object{"image_margins": object{"left": b.Left, "top": b.Top, "right": b.Right, "bottom": b.Bottom}})
}

// Security limits the sizes a job accepts. What is nil is left to the engine.
type Security struct {
	MaxDecodeSize *SizeLimit `json:"max_decode_size,omitempty"`
	MaxFrameSize  *SizeLimit `json:"max_frame_size,omitempty"`
	MaxEncodeSize *SizeLimit `json:"max_encode_size,omitempty"`
}

// SizeLimit is the largest size that is accepted.
type SizeLimit struct {
	W          uint32  `json:"w"`
	H          uint32  `json:"h"`
	Megapixels float32 `json:"megapixels"`
}
