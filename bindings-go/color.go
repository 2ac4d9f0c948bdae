package imageflow

import "encoding/json"

// Color is Black, Transparent or SRGB.
type Color interface {
	json.Marshaler
	color()
}

// Black is opaque black.
type Black struct{}

// Transparent is fully transparent black. The text does not matter: Transparent("").
type Transparent string

// SRGB is a colour in hexadecimal digits: RGB, RGBA, RRGGBB or RRGGBBAA.
type SRGB string

func (Black) color()       {}
func (Transparent) color() {}
func (SRGB) color()        {}

// MarshalJSON gives the colour as the engine reads it.
func (Black) MarshalJSON() ([]byte, error) { return []byte(`"black"`), nil }

// MarshalJSON gives the colour as the engine reads it.
func (Transparent) MarshalJSON() ([]byte, error) { return []byte(`"transparent"`), nil }

// MarshalJSON gives the colour as the engine reads it.
func (c SRGB) MarshalJSON() ([]byte, error) {
	return json.Marshal(object{"srgb": object{"hex": string(c)}})
}
