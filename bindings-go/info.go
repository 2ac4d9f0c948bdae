package imageflow

import (
	"context"
	"encoding/json"
	"fmt"
)

// ImageInfo describes an image file.
type ImageInfo struct {
	Width          int    `json:"image_width"` // orientation applied
	Height         int    `json:"image_height"`
	MimeType       string `json:"preferred_mime_type"`
	Extension      string `json:"preferred_extension"` // without a dot
	PixelFormat    string `json:"frame_decodes_into"`  // such as bgra_32
	Lossless       bool   `json:"lossless"`
	MultipleFrames bool   `json:"multiple_frames"`
}

// Info reads what the header of an image says.
func Info(ctx context.Context, source Source) (*ImageInfo, error) {
	data, err := source.read(ctx)
	if err != nil {
		return nil, hostError(ctx, fmt.Errorf("imageflow: input 0: %w", err))
	}
	var response struct {
		Data struct {
			ImageInfo ImageInfo `json:"image_info"`
		} `json:"data"`
	}
	err = withContext(ctx, func(native *nativeContext) error {
		if err := native.addInput(0, data); err != nil {
			return fmt.Errorf("imageflow: input 0: %w", err)
		}
		body, err := native.send("v1/get_image_info", []byte(`{"io_id":0}`))
		if err != nil {
			return err
		}
		return json.Unmarshal(body, &response)
	})
	if err != nil {
		return nil, hostError(ctx, err)
	}
	return &response.Data.ImageInfo, nil
}
