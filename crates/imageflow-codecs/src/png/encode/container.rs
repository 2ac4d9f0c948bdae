//! The file around the pixels: signature, chunks and their check sums (PNG §5).

use imageflow_pixels::Size;

use super::format::{Color, Format};
use crate::encoder::Output;
use crate::error::CodecError;

/// Writes chunks and counts bytes.
pub(super) struct Container {
    output: Output,
    bytes: u64,
}

impl Container {
    /// Writes everything that comes before the pixels.
    pub(super) fn start(
        output: Output,
        size: Size,
        format: &Format,
        tagged_srgb: bool,
    ) -> Result<Container, CodecError> {
        let mut out = Container { output, bytes: 0 };
        out.raw(b"\x89PNG\r\n\x1a\n")?;
        let mut header = Vec::with_capacity(13);
        header.extend(size.width().to_be_bytes());
        header.extend(size.height().to_be_bytes());
        header.extend([format.depth, format.color_type(), 0, 0, 0]);
        out.chunk(b"IHDR", &header)?;
        if tagged_srgb {
            out.srgb()?;
        }
        if let Color::Indexed(colors) = &format.color {
            let plte: Vec<u8> = colors
                .iter()
                .flat_map(|[b, g, r, _]| [*r, *g, *b])
                .collect();
            out.chunk(b"PLTE", &plte)?;
            let transparent = colors
                .iter()
                .rposition(|color| color[3] != 255)
                .map_or(0, |last| last + 1);
            if transparent > 0 {
                let trns: Vec<u8> = colors
                    .iter()
                    .take(transparent)
                    .map(|color| color[3])
                    .collect();
                out.chunk(b"tRNS", &trns)?;
            }
        }
        if let Some(key) = format.key_samples() {
            let trns: Vec<u8> = key
                .iter()
                .flat_map(|sample| u16::from(*sample).to_be_bytes())
                .collect();
            out.chunk(b"tRNS", &trns)?;
        }
        Ok(out)
    }

    /// gAMA and cHRM with the values PNG prescribes beside sRGB (§11.3.2.5), and sRGB with perceptual intent.
    fn srgb(&mut self) -> Result<(), CodecError> {
        const GAMMA: u32 = 45455;
        const CHROMATICITIES: [u32; 8] = [31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000];
        let chromaticities: Vec<u8> = CHROMATICITIES
            .iter()
            .flat_map(|v| v.to_be_bytes())
            .collect();
        self.chunk(b"cHRM", &chromaticities)?;
        self.chunk(b"gAMA", &GAMMA.to_be_bytes())?;
        self.chunk(b"sRGB", &[0])
    }

    /// Writes one chunk.
    pub(super) fn chunk(&mut self, kind: &[u8; 4], data: &[u8]) -> Result<(), CodecError> {
        let length = u32::try_from(data.len())
            .map_err(|_| CodecError::encode(crate::ImageFormat::Png, "a chunk above 4 GB"))?;
        let mut sum = crc32fast::Hasher::new();
        sum.update(kind);
        sum.update(data);
        self.raw(&length.to_be_bytes())?;
        self.raw(kind)?;
        self.raw(data)?;
        self.raw(&sum.finalize().to_be_bytes())
    }

    /// Writes the end and says how long the file is.
    pub(super) fn finish(mut self) -> Result<u64, CodecError> {
        self.chunk(b"IEND", &[])?;
        self.output.flush().map_err(CodecError::Write)?;
        Ok(self.bytes)
    }

    fn raw(&mut self, data: &[u8]) -> Result<(), CodecError> {
        self.output.write_all(data).map_err(CodecError::Write)?;
        self.bytes += data.len() as u64;
        Ok(())
    }
}
