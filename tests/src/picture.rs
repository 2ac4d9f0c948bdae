//! Pictures as 8-bit straight RGBA in memory, for comparing. Decoders here are not the engine's own, except that PNG is
//! read by the same crate and what is neither PNG nor JPEG by the engine's decoders, which recorded pictures check.

use std::fs::{self, File};
use std::io::{self, BufReader, Cursor};
use std::path::Path;

use imageflow_codecs::{Bytes, DecodeOptions, Input};
use imageflow_pixels::{JobControl, RowBuf};
use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

/// A picture: rows top to bottom, four bytes per pixel.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// Width in pixels.
    pub width: usize,
    /// Height in pixels.
    pub height: usize,
    /// `width × height × 4` bytes: red, green, blue, alpha; not premultiplied.
    pub rgba: Vec<u8>,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Picture({}x{})", self.width, self.height)
    }
}

/// How far two pictures are apart, over all pixels and channels.
#[derive(Clone, Copy, Debug)]
pub struct Distance {
    /// Largest difference.
    pub max: f64,
    /// Mean difference.
    pub mean: f64,
    /// Peak signal-to-noise ratio in decibels; infinite when equal.
    pub psnr: f64,
}

/// What counts as a difference.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Metric {
    /// Channel by channel.
    Straight,
    /// Channel by channel; the colour of pixels that are invisible in both pictures does not count.
    StraightIfVisible,
    /// Colours are multiplied by alpha first.
    Premultiplied,
}

impl Picture {
    /// Decodes a file in memory, of an animation the first frame.
    ///
    /// # Errors
    /// What is wrong with it, as text.
    pub fn decode(bytes: &[u8]) -> Result<Picture, String> {
        match bytes {
            [0x89, b'P', b'N', b'G', ..] => {
                Picture::decode_png(bytes).map_err(|e| format!("png: {e}"))
            }
            [0xFF, 0xD8, ..] => Picture::decode_jpeg(bytes),
            _ => Ok(Picture::decode_frames(bytes)?.swap_remove(0).0),
        }
    }

    /// Decodes all frames of a file in memory with the engine's decoders; a still picture is one frame. With each frame
    /// comes its delay in milliseconds.
    ///
    /// # Errors
    /// What is wrong with it, as text.
    pub fn decode_frames(bytes: &[u8]) -> Result<Vec<(Picture, u32)>, String> {
        let control = JobControl::default();
        let input = Input::Memory(Bytes::Shared(bytes.into()));
        let options = DecodeOptions::default();
        let text = |e: &dyn std::fmt::Display| e.to_string();
        let decoder = imageflow_codecs::open(&input, &control).map_err(|e| text(&e))?;
        if !decoder.header().multiple_frames {
            let mut source = decoder
                .into_rows(&options, &control)
                .map_err(|e| text(&e))?;
            let mut frame = RowBuf::whole(source.frame(), &control).map_err(|e| text(&e))?;
            source
                .read_rows(&mut frame.all_mut())
                .map_err(|e| text(&e))?;
            return Ok(vec![(Picture::from_rows(&frame), 0)]);
        }
        let mut source = decoder
            .into_frames(&options, &control)
            .map_err(|e| text(&e))?;
        let mut frames = Vec::new();
        while let Some(frame) = source.next_frame().map_err(|e| text(&e))? {
            frames.push((Picture::from_rows(&frame.canvas), frame.delay_ms));
        }
        if frames.is_empty() {
            return Err("an animation without frames".into());
        }
        Ok(frames)
    }

    fn from_rows(frame: &RowBuf) -> Picture {
        let size = frame.info().size;
        let opaque = !frame.info().alpha.is_meaningful();
        let rows = frame.all();
        let rgba = (0..size.height())
            .flat_map(|y| rows.row(y).chunks_exact(4))
            .flat_map(|p| [p[2], p[1], p[0], if opaque { 255 } else { p[3] }])
            .collect();
        Picture {
            width: size.width() as usize,
            height: size.height() as usize,
            rgba,
        }
    }

    /// The upper left part.
    #[must_use]
    pub fn cropped(&self, width: usize, height: usize) -> Picture {
        let rows = self.rgba.chunks_exact(self.width * 4).take(height);
        Picture {
            width,
            height,
            rgba: rows.flat_map(|row| &row[..width * 4]).copied().collect(),
        }
    }

    /// Reads and decodes a PNG or JPEG file.
    ///
    /// # Errors
    /// What is wrong with it, as text.
    pub fn load(path: &Path) -> Result<Picture, String> {
        let bytes = fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
        Picture::decode(&bytes).map_err(|e| format!("{}: {e}", path.display()))
    }

    fn decode_png(bytes: &[u8]) -> Result<Picture, png::DecodingError> {
        let mut decoder = png::Decoder::new(BufReader::new(Cursor::new(bytes)));
        decoder.set_transformations(
            png::Transformations::normalize_to_color8() | png::Transformations::ALPHA,
        );
        let mut reader = decoder.read_info()?;
        let mut pixels = vec![0; reader.output_buffer_size().unwrap_or_default()];
        let info = reader.next_frame(&mut pixels)?;
        pixels.truncate(info.buffer_size());
        let rgba = match info.color_type {
            png::ColorType::GrayscaleAlpha => pixels
                .as_chunks::<2>()
                .0
                .iter()
                .flat_map(|&[g, a]| [g, g, g, a])
                .collect(),
            _ => pixels,
        };
        Ok(Picture {
            width: info.width as usize,
            height: info.height as usize,
            rgba,
        })
    }

    fn decode_jpeg(bytes: &[u8]) -> Result<Picture, String> {
        let options = DecoderOptions::default()
            .jpeg_set_out_colorspace(ColorSpace::RGB)
            .set_max_width(1 << 16)
            .set_max_height(1 << 16);
        let mut decoder = JpegDecoder::new_with_options(Cursor::new(bytes), options);
        let rgb = decoder.decode().map_err(|e| format!("jpeg: {e}"))?;
        let (width, height) = decoder.dimensions().ok_or("jpeg: no size")?;
        let rgba = rgb
            .as_chunks::<3>()
            .0
            .iter()
            .flat_map(|&[r, g, b]| [r, g, b, 255])
            .collect();
        Ok(Picture {
            width,
            height,
            rgba,
        })
    }

    /// Writes a PNG file, with its folder.
    ///
    /// # Errors
    /// The file system's.
    pub fn save_png(&self, path: &Path) -> io::Result<()> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let size = |side: usize| u32::try_from(side).map_err(io::Error::other);
        let mut encoder =
            png::Encoder::new(File::create(path)?, size(self.width)?, size(self.height)?);
        encoder.set_color(png::ColorType::Rgba);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        writer
            .write_image_data(&self.rgba)
            .map_err(io::Error::other)
    }

    /// Compares with a picture of the same size; `None` when the sizes differ.
    pub fn distance(&self, other: &Picture, metric: Metric) -> Option<Distance> {
        if (self.width, self.height) != (other.width, other.height) {
            return None;
        }
        let (mut max, mut sum, mut squares) = (0f64, 0f64, 0f64);
        let pairs = self
            .rgba
            .as_chunks::<4>()
            .0
            .iter()
            .zip(other.rgba.as_chunks::<4>().0);
        for (a, b) in pairs {
            let (mut a, mut b) = (a.map(f64::from), b.map(f64::from));
            match metric {
                Metric::Straight => {}
                Metric::StraightIfVisible if a[3] == 0.0 && b[3] == 0.0 => continue,
                Metric::StraightIfVisible => {}
                Metric::Premultiplied => {
                    a = premultiplied(a);
                    b = premultiplied(b);
                }
            }
            for (a, b) in a.into_iter().zip(b) {
                let d = (a - b).abs();
                max = max.max(d);
                sum += d;
                squares += d * d;
            }
        }
        let samples = self.rgba.len().max(1) as f64;
        let mse = squares / samples;
        let psnr = if mse == 0.0 {
            f64::INFINITY
        } else {
            10.0 * (255.0 * 255.0 / mse).log10()
        };
        Some(Distance {
            max,
            mean: sum / samples,
            psnr,
        })
    }
}

fn premultiplied([r, g, b, a]: [f64; 4]) -> [f64; 4] {
    let alpha = a / 255.0;
    [r * alpha, g * alpha, b * alpha, a]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pixel(rgba: [u8; 4]) -> Picture {
        Picture {
            width: 1,
            height: 1,
            rgba: rgba.to_vec(),
        }
    }

    #[test]
    fn metrics_differ_in_what_invisible_colour_counts() {
        let (a, b) = (pixel([200, 0, 0, 0]), pixel([0, 0, 0, 0]));
        let max = |metric| a.distance(&b, metric).map(|d| d.max);
        assert_eq!(max(Metric::Straight), Some(200.0));
        assert_eq!(max(Metric::StraightIfVisible), Some(0.0));
        assert_eq!(max(Metric::Premultiplied), Some(0.0));
        let wide = Picture {
            width: 2,
            height: 1,
            rgba: vec![0; 8],
        };
        assert!(a.distance(&wide, Metric::Straight).is_none());
    }

    #[test]
    fn psnr_and_mean_follow_their_definitions() {
        let d = pixel([10, 0, 0, 255]).distance(&pixel([0, 0, 0, 255]), Metric::Straight);
        let d = d.unwrap_or(Distance {
            max: 0.0,
            mean: 0.0,
            psnr: 0.0,
        });
        assert!((d.mean - 2.5).abs() < 1e-9);
        assert!((d.psnr - 34.1514).abs() < 1e-3, "{}", d.psnr);
    }
}
