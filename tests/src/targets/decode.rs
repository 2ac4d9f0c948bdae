//! Files through the codecs: header, rows in strips of any height, frames, metadata.

use std::sync::Arc;

use imageflow_codecs::metadata::{Metadata, MetadataPolicy};
use imageflow_codecs::{
    BlockScale, Bytes, DecodeOptions, Decoder, Header, ImageFormat, Input, detect, open,
};
use imageflow_pixels::{JobControl, Limits, RowBuf, Size};

use super::{BUDGET, Interest, PIXELS, choices};
use crate::mutate::Random;

/// Frames of an animation that are looked at.
const FRAMES: usize = 40;

fn control() -> JobControl {
    let limits = Limits {
        max_bytes: BUDGET,
        ..Limits::default()
    };
    JobControl::new(Arc::default(), limits)
}

fn input(bytes: &[u8]) -> Input {
    Input::Memory(Bytes::Shared(bytes.into()))
}

/// A header of a size within the limit.
fn checked(decoder: &dyn Decoder) -> Option<Header> {
    let header = *decoder.header();
    assert!((1..=8).contains(&header.orientation), "{header:?}");
    (header.stored.area() <= PIXELS).then_some(header)
}

/// Decodes a file of this format.
pub(super) fn decode(format: ImageFormat, bytes: &[u8]) -> Interest {
    let input = input(bytes);
    if !detect(&input).is_ok_and(|found| found == format) {
        return Interest::None;
    }
    let mut random = choices(bytes);
    let control = control();
    if let Ok(decoder) = open(&input, &control)
        && let Some(header) = checked(&*decoder)
    {
        assert_eq!(header.format, format);
        pixels(decoder, &header, &mut random, &control);
    }
    assert_eq!(control.used_bytes(), 0, "bytes stay reserved");
    for policy in [MetadataPolicy::All, MetadataPolicy::Copyright] {
        let target = *random.pick(&[ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::Avif]);
        let _ = Metadata::of(&input, format, policy, target, &control);
    }
    Interest::Some
}

/// Opens a file and tries every page and what depends on the header alone.
pub(super) fn headers(bytes: &[u8]) -> Interest {
    let input = input(bytes);
    let Ok(format) = detect(&input) else {
        return Interest::None;
    };
    let control = control();
    for page in [None, Some(0), Some(1), Some(i32::MAX), Some(-1)] {
        let Ok(mut decoder) = open(&input, &control) else {
            break;
        };
        let options = DecodeOptions {
            select_frame: page,
            ..DecodeOptions::default()
        };
        if decoder.select(&options).is_ok() {
            checked(&*decoder);
            decoder.working_bytes(&options);
        }
    }
    let _ = Metadata::of(&input, format, MetadataPolicy::All, format, &control);
    Interest::Some
}

fn pixels(
    mut decoder: Box<dyn Decoder>,
    header: &Header,
    random: &mut Random,
    control: &JobControl,
) {
    let options = options(header, random);
    if decoder.select(&options).is_err() {
        return;
    }
    let Some(header) = checked(&*decoder) else {
        return;
    };
    decoder.working_bytes(&options);
    if header.multiple_frames && random.one_in(2) {
        frames(decoder, &options, control);
    } else {
        rows(decoder, &options, random, control);
    }
}

fn options(header: &Header, random: &mut Random) -> DecodeOptions {
    let linear_shrink = if header.can_shrink {
        *random.pick(&[1, 1, 2, 4, 8])
    } else {
        1
    };
    let scale = BlockScale {
        eighths: random.within(1, 6) as u32,
        gamma: random.one_in(2),
    };
    let size = Size::new(random.within(1, 300) as u32, random.within(1, 300) as u32);
    DecodeOptions {
        linear_shrink,
        block_scale: (header.can_scale && linear_shrink == 1 && random.one_in(3)).then_some(scale),
        linear_floats: header.is_deep && linear_shrink == 1 && random.one_in(2),
        discard_color_profile: random.one_in(4),
        fail_on_color_profile_errors: random.one_in(2),
        select_frame: random.one_in(4).then(|| random.below(4) as i32),
        draw_size: size.filter(|_| header.is_drawing() && random.one_in(2)),
        max_total_pixels: Some(4 * PIXELS),
    }
}

fn frames(decoder: Box<dyn Decoder>, options: &DecodeOptions, control: &JobControl) {
    let Ok(mut source) = decoder.into_frames(options, control) else {
        return;
    };
    let size = source.animation().size;
    for _ in 0..FRAMES {
        let Ok(Some(frame)) = source.next_frame() else {
            return;
        };
        assert_eq!(frame.canvas.info().size, size);
        assert_eq!(frame.canvas.valid(), 0..size.height());
    }
}

fn rows(
    decoder: Box<dyn Decoder>,
    options: &DecodeOptions,
    random: &mut Random,
    control: &JobControl,
) {
    let Ok(mut source) = decoder.into_rows(options, control) else {
        return;
    };
    let frame = source.frame();
    assert!(
        frame.size.area() <= PIXELS,
        "{} rows and columns",
        frame.size
    );
    let height = frame.size.height();
    let strip = random.within(1, 40) as u32;
    let Ok(mut rows) = RowBuf::new(frame, strip, control) else {
        return;
    };
    let mut y = 0;
    if random.one_in(4) {
        let count = random.below(height as usize) as u32;
        match source.skip_rows(count) {
            Ok(true) => y = count,
            Ok(false) => {}
            Err(_) => return,
        }
    }
    while y < height {
        let end = (y + rows.capacity()).min(height);
        if source.read_rows(&mut rows.advance(y..end, y)).is_err() {
            return;
        }
        y = end;
    }
}
