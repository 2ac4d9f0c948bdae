package imageflow

// Preset says how to encode: MozJPEG, LosslessPNG, LossyPNG, WebP, WebPLossless, GIF or CustomPreset.
type Preset interface {
	preset() any
}

// MozJPEG is a JPEG.
type MozJPEG struct {
	Quality     uint // 1 to 100; 0 stands for 90
	Progressive bool
}

// LosslessPNG is a PNG with every pixel kept.
type LosslessPNG struct {
	MaxDeflate bool // smaller and slower
}

// LossyPNG is a PNG with at most 256 colours.
type LossyPNG struct {
	Quality        int // the best to aim at; 0 stands for the engine's default, 100
	MinimumQuality int // below this, the result is a lossless PNG instead
	Speed          int // 1 (best) to 10; 0 stands for the engine's default
	MaximumDeflate bool
}

// WebP is a lossy WebP.
type WebP struct {
	Quality int // 1 to 100; 0 stands for 100
}

// WebPLossless is a WebP with every pixel kept.
type WebPLossless struct{}

// GIF is a GIF. Animations stay animated.
type GIF struct{}

// CustomPreset is any preset of the JSON interface, such as
//
//	CustomPreset{map[string]any{"auto": map[string]any{"quality_profile": "good"}}}
type CustomPreset struct {
	JSON any // becomes JSON by encoding/json
}

func (p MozJPEG) preset() any {
	if p.Quality == 0 {
		p.Quality = 90
	}
	return object{"mozjpeg": object{"quality": p.Quality, "progressive": p.Progressive}}
}

func (p LosslessPNG) preset() any {
	return object{"lodepng": object{"maximum_deflate": p.MaxDeflate}}
}

func (p LossyPNG) preset() any {
	fields := object{"maximum_deflate": p.MaximumDeflate}
	if p.Quality != 0 {
		fields["quality"] = p.Quality
	}
	if p.MinimumQuality != 0 {
		fields["minimum_quality"] = p.MinimumQuality
	}
	if p.Speed != 0 {
		fields["speed"] = p.Speed
	}
	return object{"pngquant": fields}
}

func (p WebP) preset() any {
	if p.Quality == 0 {
		p.Quality = 100
	}
	return object{"webplossy": object{"quality": p.Quality}}
}

func (WebPLossless) preset() any   { return "webplossless" }
func (GIF) preset() any            { return "gif" }
func (p CustomPreset) preset() any { return p.JSON }
