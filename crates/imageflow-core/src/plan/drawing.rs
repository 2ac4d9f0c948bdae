//! Drawings at the size that is wanted, rather than their pixels resampled.
//!
//! A resample of a whole drawing becomes a decode at its size. When a part is enlarged, the drawing is made so large that
//! the part has its size, unless that takes much more than the result; the resample then moves it by less than a pixel.

use imageflow_codecs::{DecodeOptions, Header};
use imageflow_pixels::resample::Filter;
use imageflow_pixels::{FrameInfo, Rect, RectF, Size};

use super::ir::{Id, Ir, Op, ResampleOp};

/// How much larger than the result a drawing may be of which a part is wanted.
const MAX_EXCESS: u64 = 4;

/// Chooses sizes for all drawings.
pub(super) fn at_wanted_sizes(ir: &mut Ir, live: &[bool]) {
    for reader in (0..ir.ops.len()).filter(|id| live[*id]) {
        let Op::Resample(resample) = *ir.op(reader) else {
            continue;
        };
        let Op::Decode {
            io_id,
            options,
            header,
        } = *ir.op(ir.input(reader))
        else {
            continue;
        };
        if !header.is_drawing() || options.draw_size.is_some() || resample.decode_scale.is_some() {
            continue;
        }
        let Some(size) = wanted(&resample, header.stored) else {
            continue;
        };
        let drawn = decode(ir, io_id, options, header, size);
        if size == resample.size {
            replace(ir, reader, drawn, &resample);
        } else {
            ir.ops[reader].inputs = vec![drawn];
            scale_source(ir, reader, header.stored, size);
        }
    }
}

/// The size at which the drawing gives what the resample wants; `None` when its natural size will do.
fn wanted(resample: &ResampleOp, stored: Size) -> Option<Size> {
    if resample.source == RectF::from(Rect::of(stored)) {
        return Some(resample.size);
    }
    let x = f64::from(resample.size.width()) / resample.source.width();
    let y = f64::from(resample.size.height()) / resample.source.height();
    if x <= 1.0 && y <= 1.0 {
        return None;
    }
    // The casts saturate, and take 0 for no number.
    let side = |side: u32, factor: f64| (f64::from(side) * factor.max(1.0)).ceil() as u32;
    let size = Size::new(side(stored.width(), x), side(stored.height(), y))?;
    (size.area() <= resample.size.area().saturating_mul(MAX_EXCESS)).then_some(size)
}

/// The decode of the drawing at this size, which several readers may share.
fn decode(ir: &mut Ir, io_id: i32, options: DecodeOptions, header: Header, size: Size) -> Id {
    let op = Op::Decode {
        io_id,
        options: DecodeOptions {
            draw_size: Some(size),
            ..options
        },
        header,
    };
    ir.intern(op, &[], FrameInfo::bgra8(size, header.alpha))
}

/// Puts what is left of a resample in its place: a colour below, sharpening, or nothing.
fn replace(ir: &mut Ir, reader: Id, drawn: Id, resample: &ResampleOp) {
    if resample.floats || resample.sharpen > 0.0 {
        let mut rest = *resample;
        rest.source = RectF::from(Rect::of(resample.size));
        if resample.sharpen <= 0.0 {
            // Exact where nothing moves.
            rest.filter = Filter::Triangle;
        }
        ir.ops[reader].op = Op::Resample(rest);
        ir.ops[reader].inputs = vec![drawn];
        return;
    }
    if let Some(color) = resample.matte {
        ir.ops[reader].op = Op::Matte(color);
        ir.ops[reader].inputs = vec![drawn];
        return;
    }
    ir.replace_uses(reader, drawn);
}

fn scale_source(ir: &mut Ir, reader: Id, from: Size, to: Size) {
    if let Op::Resample(resample) = &mut ir.ops[reader].op {
        resample.source = resample.source.scaled(
            f64::from(to.width()) / f64::from(from.width()),
            f64::from(to.height()) / f64::from(from.height()),
        );
    }
}
