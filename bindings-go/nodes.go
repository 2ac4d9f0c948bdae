package imageflow

// CreateCanvas begins a chain with an image of one colour.
func (s *Steps) CreateCanvas(w, h float64, color Color) *Steps {
	s.last = s.add(object{"create_canvas": object{"w": w, "h": h, "color": color, "format": "bgra_32"}})
	return s
}

// ConstrainWithin shrinks the image to fit into w×h.
func (s *Steps) ConstrainWithin(w, h float64) *Steps {
	return s.Constrain(Constrain{Mode: "within", W: w, H: h})
}

// ConstrainWithinW shrinks the image to a width.
func (s *Steps) ConstrainWithinW(w float64) *Steps {
	return s.Constrain(Constrain{Mode: "within", W: w})
}

// ConstrainWithinH shrinks the image to a height.
func (s *Steps) ConstrainWithinH(h float64) *Steps {
	return s.Constrain(Constrain{Mode: "within", H: h})
}

// Constrain fits the image into a size.
func (s *Steps) Constrain(to Constrain) *Steps { return s.Node(object{"constrain": to}) }

// Distort scales the image to exactly w×h.
func (s *Steps) Distort(w, h float64, hints ConstraintHint) *Steps {
	return s.Node(object{"resample_2d": object{"w": w, "h": h, "hints": hints}})
}

// Crop keeps a rectangle inside the image.
func (s *Steps) Crop(x1, y1, x2, y2 float64) *Steps {
	return s.Node(object{"crop": object{"x1": x1, "y1": y1, "x2": x2, "y2": y2}})
}

// Region keeps a rectangle that may reach beyond the image.
func (s *Steps) Region(region Region) *Steps { return s.Node(object{"region": region}) }

// RegionPercentage is Region in percent.
func (s *Steps) RegionPercentage(region RegionPercentage) *Steps {
	return s.Node(object{"region_percent": region})
}

// CropWhitespace removes an even border. Edges below the threshold, of 255, do not count; the padding that stays is in
// percent of the result.
func (s *Steps) CropWhitespace(threshold int, padding float64) *Steps {
	return s.Node(object{"crop_whitespace": object{"threshold": threshold, "percent_padding": padding}})
}

// Rotate90 turns the image clockwise.
func (s *Steps) Rotate90() *Steps { return s.Node("rotate_90") }

// Rotate180 turns the image upside down.
func (s *Steps) Rotate180() *Steps { return s.Node("rotate_180") }

// Rotate270 turns the image counter-clockwise.
func (s *Steps) Rotate270() *Steps { return s.Node("rotate_270") }

// FlipH exchanges left and right.
func (s *Steps) FlipH() *Steps { return s.Node("flip_h") }

// FlipV exchanges top and bottom.
func (s *Steps) FlipV() *Steps { return s.Node("flip_v") }

// Transpose exchanges x and y.
func (s *Steps) Transpose() *Steps { return s.Node("transpose") }

// FillRect fills a rectangle.
func (s *Steps) FillRect(x1, y1, x2, y2 float64, color Color) *Steps {
	return s.Node(object{"fill_rect": object{"x1": x1, "y1": y1, "x2": x2, "y2": y2, "color": color}})
}

// ExpandCanvas adds a border.
func (s *Steps) ExpandCanvas(by ExpandCanvas) *Steps { return s.Node(object{"expand_canvas": by}) }

// RoundCorners makes the corners round, with a radius in pixels.
func (s *Steps) RoundCorners(pixels float64, background Color) *Steps {
	return s.Node(object{"round_image_corners": object{"radius": object{"pixels": pixels}, "background_color": background}})
}

// RoundCornersPercent makes the corners round: 100 percent makes the shorter sides half circles.
func (s *Steps) RoundCornersPercent(percent float64, background Color) *Steps {
	return s.Node(object{"round_image_corners": object{"radius": object{"percentage": percent}, "background_color": background}})
}

// Watermark draws another image on this one. gravity is a ConstraintGravity or nil for the centre; fitMode "" is "within";
// fitBox nil is the whole image; opacity 0 stands for 1; hint is a ConstraintHint or nil.
func (s *Steps) Watermark(source Source, gravity interface{}, fitMode string, fitBox FitBox, opacity float32, hint interface{}) *Steps {
	s.init()
	if fitMode == "" {
		fitMode = "within"
	}
	if opacity == 0 {
		opacity = 1
	}
	fields := object{"io_id": s.job.addInput(source), "fit_mode": fitMode, "opacity": opacity}
	if gravity != nil {
		fields["gravity"] = gravity
	}
	if fitBox != nil {
		fields["fit_box"] = fitBox
	}
	if hint != nil {
		fields["hints"] = hint
	}
	return s.Node(object{"watermark": fields})
}

// Command applies a querystring: "w=100&h=50&mode=crop".
func (s *Steps) Command(command string) *Steps {
	return s.Node(object{"command_string": object{"kind": "ir4", "value": command}})
}

// WhiteBalanceSRGB stretches each channel. The threshold is the share of pixels to leave out at both ends.
func (s *Steps) WhiteBalanceSRGB(threshold float32) *Steps {
	return s.Node(object{"white_balance_histogram_area_threshold_srgb": object{"threshold": threshold}})
}

// GrayscaleNTSC removes colour with the weights of NTSC.
func (s *Steps) GrayscaleNTSC() *Steps { return s.filter("grayscale_ntsc") }

// GrayscaleFlat removes colour with equal weights.
func (s *Steps) GrayscaleFlat() *Steps { return s.filter("grayscale_flat") }

// GrayscaleBT709 removes colour with the weights of BT.709.
func (s *Steps) GrayscaleBT709() *Steps { return s.filter("grayscale_bt709") }

// GrayscaleRY removes colour with weights for red and yellow.
func (s *Steps) GrayscaleRY() *Steps { return s.filter("grayscale_ry") }

// Sepia makes the image look old.
func (s *Steps) Sepia() *Steps { return s.filter("sepia") }

// Invert makes a negative.
func (s *Steps) Invert() *Steps { return s.filter("invert") }

// Alpha multiplies opacity.
func (s *Steps) Alpha(value float32) *Steps { return s.filter(object{"alpha": value}) }

// Contrast changes contrast: -1 to 1, 0 changes nothing.
func (s *Steps) Contrast(value float32) *Steps { return s.filter(object{"contrast": value}) }

// Brightness changes brightness: -1 to 1, 0 changes nothing.
func (s *Steps) Brightness(value float32) *Steps { return s.filter(object{"brightness": value}) }

// Saturation changes saturation: -1 to 1, 0 changes nothing.
func (s *Steps) Saturation(value float32) *Steps { return s.filter(object{"saturation": value}) }

func (s *Steps) filter(filter any) *Steps { return s.Node(object{"color_filter_srgb": filter}) }
