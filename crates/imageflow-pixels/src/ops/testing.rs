//! Running a stage on small literal frames, whole and in strips.
#![allow(clippy::unwrap_used)]

use crate::contract::{Scratch, Stage};
use crate::{Alpha, FrameInfo, JobControl, RowBuf, Size};

/// A byte frame of the given pixels, row by row.
pub(crate) fn frame(width: u32, alpha: Alpha, pixels: &[[u8; 4]]) -> RowBuf {
    let height = pixels.len() as u32 / width;
    let info = FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha);
    let mut buf = RowBuf::new(info, height, &JobControl::default()).unwrap();
    let mut rows = buf.advance(0..height, 0);
    for (y, row) in pixels.chunks(width as usize).enumerate() {
        rows.row_mut(y as u32).copy_from_slice(&row.concat());
    }
    buf
}

/// Runs a stage over whole inputs, once in one go and once row by row, checks that both agree, and returns the pixels.
pub(crate) fn run(stage: &dyn Stage, inputs: &[&RowBuf]) -> Vec<[u8; 4]> {
    let info = stage.output();
    let height = info.size.height();
    let mut outputs = Vec::new();
    for strip in [height, 1] {
        let mut out = RowBuf::new(info, height, &JobControl::default()).unwrap();
        let mut scratch = Scratch::default();
        for y in (0..height).step_by(strip as usize) {
            let range = y..(y + strip).min(height);
            let windows: Vec<_> = inputs
                .iter()
                .enumerate()
                .map(|(i, b)| b.rows(stage.window(i, range.clone())))
                .collect();
            stage.run(&windows, &mut out.advance(range, 0), &mut scratch);
        }
        let rows = out.rows(0..height);
        outputs.push(
            (0..height)
                .flat_map(|y| {
                    rows.row(y)
                        .chunks_exact(4)
                        .map(|p| [p[0], p[1], p[2], p[3]])
                        .collect::<Vec<_>>()
                })
                .collect::<Vec<_>>(),
        );
    }
    assert_eq!(outputs[0], outputs[1], "{stage}: strips change the result");
    outputs.swap_remove(0)
}

/// Opaque gray pixels.
pub(crate) fn grays(values: &[u8]) -> Vec<[u8; 4]> {
    values.iter().map(|v| [*v, *v, *v, 255]).collect()
}
