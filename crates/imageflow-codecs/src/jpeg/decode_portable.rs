//! The JPEG decoder of builds without a C compiler: zune-jpeg does entropy decoding and the inverse transform, everything
//! around it is done here.
//!
//! ```text
//! bytes ── head ──────────────────────────── size, colour model, metadata
//!       └─ source ── components ─┬─ shrink  ── linear-light block means
//!              (zune-jpeg)       ├─ scaled  ── n/8 reduction
//!                                └─ pixels  ── upsampling, colour conversion, profile
//! ```
//!
//! Components are pulled a row of minimum coded units at a time, as from libjpeg, and become pixels by libjpeg's formulas
//! (`jdsample.c`, `jdcolor.c` as documented): what differs from the native build is the rounding of the inverse transform.

mod components;
mod head;
mod pixels;
mod source;
mod upsample;
mod whole;
mod window;

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::expect_used)]
mod tests;

use imageflow_pixels::{JobControl, RowSource};

use self::components::Components;
use self::head::Head;
use self::pixels::Pixelwise;
use super::Inks;
use super::features::ColorModel;
use super::opened::Opened;
use super::scaled::Scaled;
use super::shrink::Shrunk;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

struct JpegDecoder {
    opened: Opened,
    /// Samples need the conversion from YCCK to CMYK.
    ycck: bool,
    progressive: bool,
    components: Components,
}

/// Reads the header of a JPEG.
pub(crate) fn open_as(
    mut reader: Reader,
    inks: Inks,
    control: &JobControl,
) -> Result<Box<dyn Decoder>, CodecError> {
    let head = Head::read(&mut reader, control)?;
    let opened = Opened::new(
        (head.width, head.height),
        head.features,
        &head.markers,
        inks,
        reader.total_bytes(),
    )?;
    Ok(Box::new(JpegDecoder {
        opened,
        ycck: head.ycck,
        progressive: head.progressive,
        components: Components::open(reader, head.samplings())?,
    }))
}

impl Decoder for JpegDecoder {
    fn header(&self) -> &Header {
        &self.opened.header
    }

    fn working_bytes(&self, _options: &DecodeOptions) -> u64 {
        // A row of minimum coded units as 16-bit and as 8-bit samples, and the window that upsampling looks at.
        let tables = (256 << 10) + u64::from(self.opened.header.stored.width()) * 256;
        let per_sample = match (self.progressive, self.opened.features.multiple_scans) {
            // Every coefficient, and a copy of those that the current scan changes.
            (true, _) => 4.0,
            (false, true) => 2.0,
            (false, false) => return tables,
        };
        tables + (self.opened.samples() * per_sample) as u64
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        self.opened.check_data()?;
        let reserved = control.reserve(self.working_bytes(options))?;
        let Opened {
            header, features, ..
        } = &self.opened;
        let mut components = self.components;
        components.prepare(control, reserved);
        if let Some(planes) = self.opened.shrinkable(options) {
            let shrunk = Shrunk::new(components, header.stored, planes, options.linear_shrink)?;
            return Ok(Box::new(shrunk));
        }
        let scale = options.block_scale.filter(|_| header.can_scale);
        if let (Some(scale), Some(factors)) = (scale, features.scalable()) {
            return Ok(Box::new(Scaled::new(
                components,
                header.stored,
                factors,
                scale.eighths,
                scale.gamma,
            )?));
        }
        if features.color == ColorModel::Unknown {
            return Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "the number of colour components is not 1, 3 or 4",
            ));
        }
        let transform = self.opened.transform(options, control)?;
        Ok(Box::new(Pixelwise::new(
            components,
            header.stored,
            features.color,
            self.ycck,
            transform,
        )))
    }
}
