//! How far decoders reduce while decoding.
//!
//! A resample of a large reduction may start from block means in linear light. Rule that keeps the quality floor (measured
//! with SSIMULACRA 2 against an exact linear Lanczos3): 8×8 blocks from a reduction of 20, 4×4 from 8, 2×2 from 4, none
//! below. Only lossy sources: the others keep exact kernels. When every reader of a decoder may start from blocks, the
//! decoder makes them; else the readers that may share a `BoxShrink`.

use imageflow_codecs::ImageFormat;
use imageflow_pixels::resample::WorkingSpace;

use super::drawing;
use super::ir::{DecodeScale, Id, Ir, Op, ResampleOp};

/// Chooses the reduction of every decoder and rewrites its readers.
pub(super) fn choose(ir: &mut Ir) {
    drawing::at_wanted_sizes(ir, &ir.live());
    let live = ir.live();
    keep_depth(ir, &live);
    let decodes: Vec<Id> = (0..ir.ops.len())
        .filter(|id| live[*id] && is_lossy_decode(ir.op(*id)))
        .collect();
    for decode in decodes {
        let readers = ir.readers(decode, &live);
        if scale_by_blocks(ir, decode, &readers) {
            continue;
        }
        let is_output = ir.is_end(decode);
        let wanted: Vec<(Id, u32)> = readers
            .iter()
            .map(|id| (*id, blocks_for(ir.op(*id))))
            .collect();
        let common = if is_output {
            1
        } else {
            wanted.iter().map(|(_, n)| *n).min().unwrap_or(1)
        };
        let can_shrink = matches!(ir.op(decode), Op::Decode { header, .. } if header.can_shrink);
        let in_decoder = if can_shrink { common } else { 1 };
        if in_decoder > 1 {
            if let Op::Decode { options, .. } = &mut ir.ops[decode].op {
                options.linear_shrink = in_decoder;
            }
            refresh(ir, decode);
        }
        for (reader, n) in wanted {
            scale_source(ir, reader, n);
            if n > in_decoder {
                let shrunk = box_shrink(ir, decode, n / in_decoder);
                ir.ops[reader].inputs = vec![shrunk];
            }
        }
    }
    sort(ir);
}

/// Lets decoders of deep samples hand them to resamples unrounded, when nobody wants their bytes.
fn keep_depth(ir: &mut Ir, live: &[bool]) {
    for decode in (0..ir.ops.len()).filter(|id| live[*id]) {
        if !matches!(ir.op(decode), Op::Decode { header, .. } if header.is_deep) {
            continue;
        }
        let is_output = ir.is_end(decode);
        let wants_floats =
            |id: &Id| matches!(ir.op(*id), Op::Resample(r) if r.space == WorkingSpace::Linear);
        let all_want_floats = ir.readers(decode, live).iter().all(wants_floats);
        match &mut ir.ops[decode].op {
            Op::Decode { options, .. } if all_want_floats && !is_output => {
                options.linear_floats = true;
            }
            _ => continue,
        }
        refresh(ir, decode);
    }
}

/// When all that is wanted of a decoder is the reduction it was told to make, it makes it.
fn scale_by_blocks(ir: &mut Ir, decode: Id, readers: &[Id]) -> bool {
    let [reader] = readers else { return false };
    let Op::Resample(ResampleOp {
        decode_scale: Some(DecodeScale::Blocks(scale)),
        ..
    }) = *ir.op(*reader)
    else {
        return false;
    };
    let wanted_as_it_is = ir.is_end(decode);
    match &mut ir.ops[decode].op {
        Op::Decode {
            header, options, ..
        } if header.can_scale && !wanted_as_it_is => options.block_scale = Some(scale),
        _ => return false,
    }
    refresh(ir, decode);
    ir.replace_uses(*reader, decode);
    true
}

fn is_lossy_decode(op: &Op) -> bool {
    matches!(op, Op::Decode { header, .. } if header.format == ImageFormat::Jpeg)
}

/// Side of the blocks a reader may start from; 1 for none.
fn blocks_for(op: &Op) -> u32 {
    let Op::Resample(r) = op else { return 1 };
    if r.space != WorkingSpace::Linear {
        return 1;
    }
    let reduction = (r.source.width() / f64::from(r.size.width()))
        .min(r.source.height() / f64::from(r.size.height()));
    match reduction {
        r if r >= 20.0 => 8,
        r if r >= 8.0 => 4,
        r if r >= 4.0 => 2,
        _ => 1,
    }
}

fn scale_source(ir: &mut Ir, reader: Id, n: u32) {
    if let Op::Resample(r) = &mut ir.ops[reader].op {
        r.source = r.source.scaled(1.0 / f64::from(n), 1.0 / f64::from(n));
    }
}

fn refresh(ir: &mut Ir, id: Id) {
    let node = &ir.ops[id];
    if let Ok(frame) = ir.frame_of(&node.op, &node.inputs) {
        ir.ops[id].frame = frame;
    }
}

/// Block means of `input`, made once for all that want them. Larger blocks are means of smaller ones where no block is partial,
/// so several sizes share the work.
fn box_shrink(ir: &mut Ir, input: Id, n: u32) -> Id {
    let size = ir.frame(input).size;
    let is_whole = size.width().is_multiple_of(n) && size.height().is_multiple_of(n);
    if n > 2 && n.is_multiple_of(2) && is_whole {
        let half = box_shrink(ir, input, 2);
        return box_shrink(ir, half, n / 2);
    }
    let op = Op::BoxShrink(n);
    let frame = ir.frame_of(&op, &[input]).unwrap_or(ir.frame(input));
    ir.intern(op, &[input], frame)
}

/// Puts every operation behind those it reads again (shrinks were appended), keeping the order otherwise.
fn sort(ir: &mut Ir) {
    let count = ir.ops.len();
    let mut order: Vec<Id> = Vec::with_capacity(count);
    let mut placed = vec![false; count];
    for root in 0..count {
        let mut stack = vec![root];
        while let Some(&id) = stack.last() {
            let missing = ir.ops[id]
                .inputs
                .iter()
                .copied()
                .find(|input| !placed[*input]);
            match missing {
                _ if placed[id] => {
                    stack.pop();
                }
                Some(input) => stack.push(input),
                None => {
                    placed[id] = true;
                    order.push(id);
                    stack.pop();
                }
            }
        }
    }
    ir.reorder(&order);
}
