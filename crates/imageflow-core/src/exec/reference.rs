//! The obviously correct executor, and the property that the pump equals it: every stage on whole frames, one after the
//! other. Any plan, strip height, thread count and grouping of outputs must give its bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::sync::{Arc, Mutex};

use imageflow_pixels::ops::{self, Bgra, Turn};
use imageflow_pixels::resample::{
    Axis, BoxShrink, Filter, Horizontal, Target, Vertical, WorkingSpace,
};
use imageflow_pixels::simd::SimdLevel;
use imageflow_pixels::{
    Alpha, EncodeReport, FrameInfo, JobControl, Limits, PixelLayout, Rect, RowBuf, RowSink,
    RowSource, Rows, RowsMut, Scratch, Size, Stage, StreamError,
};
use proptest::prelude::*;

use crate::io::IoTable;
use crate::limits::SecurityLimits;
use crate::plan::{Plan, PlanNode, PlanSink, Producer, SinkKind};

/// Keeps the rows it is given.
pub(super) struct Capture(pub(super) Arc<Mutex<Vec<u8>>>);

impl RowSink for Capture {
    fn write_rows(&mut self, rows: &Rows<'_>) -> Result<(), StreamError> {
        let mut kept = self.0.lock().unwrap();
        rows.range()
            .for_each(|y| kept.extend_from_slice(rows.row(y)));
        Ok(())
    }

    fn finish(self: Box<Self>) -> Result<EncodeReport, StreamError> {
        Ok(EncodeReport::default())
    }
}

/// Evaluates every node on whole frames and returns the bytes of every sink's input.
pub(super) fn evaluate(plan: Plan) -> Vec<Vec<u8>> {
    let control = JobControl::default();
    let mut frames: Vec<RowBuf> = Vec::new();
    for node in plan.nodes {
        let frame = node.frame();
        let height = frame.size.height();
        let mut buf = RowBuf::new(frame, height, &control).unwrap();
        match node.producer {
            Producer::Source(mut source) => {
                source.read_rows(&mut buf.advance(0..height, 0)).unwrap()
            }
            Producer::Stage(stage) => {
                let inputs: Vec<Rows<'_>> = node
                    .inputs
                    .iter()
                    .map(|i| frames[*i].rows(frames[*i].valid()))
                    .collect();
                stage.run(
                    &inputs,
                    &mut buf.advance(0..height, 0),
                    &mut Scratch::default(),
                );
            }
        }
        frames.push(buf);
    }
    let bytes = |buf: &RowBuf| {
        buf.valid()
            .flat_map(|y| buf.rows(y..y + 1).row(y).to_vec())
            .collect()
    };
    plan.sinks
        .iter()
        .map(|sink| bytes(&frames[sink.input]))
        .collect()
}

/// Runs the real pump and returns what reached every sink.
pub(super) fn pumped(mut plan: Plan, strip: u32, threads: usize) -> Vec<Vec<u8>> {
    let captured: Vec<Arc<Mutex<Vec<u8>>>> = plan.sinks.iter().map(|_| Arc::default()).collect();
    for (sink, rows) in plan.sinks.iter_mut().zip(&captured) {
        sink.kind = SinkKind::Capture(rows.clone());
    }
    let control = JobControl::new(
        Arc::default(),
        Limits {
            threads,
            ..Limits::default()
        },
    );
    super::pump::run(
        plan,
        &IoTable::new(),
        &SecurityLimits::default(),
        &control,
        strip,
    )
    .unwrap();
    captured
        .iter()
        .map(|rows| std::mem::take(&mut *rows.lock().unwrap()))
        .collect()
}

/// Rows that differ everywhere.
struct Noise(FrameInfo, u32);

impl RowSource for Noise {
    fn frame(&self) -> FrameInfo {
        self.0
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        for y in out.range() {
            for (x, byte) in out.row_mut(y).iter_mut().enumerate() {
                let mut v =
                    (y + 1).wrapping_mul(2_654_435_761) ^ (x as u32).wrapping_mul(40_503) ^ self.1;
                v ^= v >> 15;
                *byte = (v.wrapping_mul(2_246_822_519) >> 24) as u8;
            }
        }
        Ok(())
    }
}

/// A random operation; numbers are reduced to what the frame allows when it is built.
#[derive(Clone, Debug)]
struct Wish {
    kind: u8,
    inputs: (usize, usize),
    numbers: [u32; 4],
}

/// Builds a plan of the wishes; those that make no sense on their input become copies of it.
fn build(wishes: &[Wish], sinks: &[usize]) -> Plan {
    let level = SimdLevel::detect();
    let mut nodes: Vec<PlanNode> = Vec::new();
    let push = |nodes: &mut Vec<PlanNode>, producer, inputs| {
        nodes.push(PlanNode {
            producer,
            inputs,
            label: String::new(),
            io_id: None,
        });
        nodes.len() - 1
    };
    // Positions of byte frames, which any operation may read.
    let mut frames: Vec<usize> = Vec::new();
    for wish in wishes {
        let [a, b, c, d] = wish.numbers;
        let side = |n: u32| n % 40 + 1;
        let alpha = if a.is_multiple_of(2) {
            Alpha::Meaningful
        } else {
            Alpha::Opaque
        };
        if frames.is_empty() || wish.kind == 0 {
            let info = FrameInfo::bgra8(Size::new(side(b), side(c)).unwrap(), alpha);
            frames.push(push(
                &mut nodes,
                Producer::Source(Box::new(Noise(info, d))),
                vec![],
            ));
            continue;
        }
        let first = frames[wish.inputs.0 % frames.len()];
        let second = frames[wish.inputs.1 % frames.len()];
        let info = nodes[first].frame();
        let (w, h) = (info.size.width(), info.size.height());
        let rect = Rect::new(
            a % w,
            b % h,
            a % w + 1 + c % (w - a % w),
            b % h + 1 + d % (h - b % h),
        )
        .unwrap();
        let color = Bgra([
            a as u8,
            b as u8,
            c as u8,
            if d.is_multiple_of(3) { 255 } else { d as u8 },
        ]);
        let space = if d.is_multiple_of(2) {
            WorkingSpace::Linear
        } else {
            WorkingSpace::Srgb
        };
        let stage: Box<dyn Stage> = match wish.kind {
            1 => Box::new(ops::Crop::new(info, rect).unwrap()),
            2 => Box::new(
                ops::Pad::new(info, a % 5, b % 5, Size::new(w + 6, h + 6).unwrap(), color).unwrap(),
            ),
            3 => Box::new(ops::FillRect::new(info, rect, color).unwrap()),
            4 => Box::new(ops::FlipH::new(info)),
            5 => Box::new(ops::Turned::new(
                info,
                [
                    Turn::FlipV,
                    Turn::Rotate180,
                    Turn::Transpose,
                    Turn::Rotate90,
                    Turn::Rotate270,
                    Turn::Transverse,
                ][a as usize % 6],
            )),
            6 => Box::new(ops::Matte::new(info, color, level)),
            7 | 8 => {
                let mut input = first;
                if wish.kind == 8 {
                    input = push(
                        &mut nodes,
                        Producer::Stage(Box::new(BoxShrink::new(info, 1 + a % 3, level).unwrap())),
                        vec![first],
                    );
                }
                let info = nodes[input].frame();
                let space = if wish.kind == 8 {
                    WorkingSpace::Linear
                } else {
                    space
                };
                let filter = Filter::ALL[b as usize % Filter::ALL.len()];
                let axis = |samples: u32, out: u32| {
                    let to = f64::from(samples) - if c.is_multiple_of(2) { 0.0 } else { 0.4 };
                    Axis {
                        samples,
                        from: 0.0,
                        to,
                        out,
                        filter,
                        sharpen: (d % 30) as f32,
                        block: 1,
                    }
                };
                let across =
                    Horizontal::new(info, &axis(info.size.width(), side(c)), space, level).unwrap();
                let down = axis(info.size.height(), side(d));
                let target = Target::Bytes {
                    matte: a.is_multiple_of(3).then(|| color.premultiplied(space)),
                };
                let vertical = Vertical::new(across.output(), &down, space, target, level).unwrap();
                let narrow = push(&mut nodes, Producer::Stage(Box::new(across)), vec![input]);
                frames.push(push(
                    &mut nodes,
                    Producer::Stage(Box::new(vertical)),
                    vec![narrow],
                ));
                continue;
            }
            9 => {
                let image = nodes[second].frame();
                let fits = image.size.width() <= w && image.size.height() <= h;
                if first == second || !fits {
                    continue;
                }
                let (left, top) = (
                    a % (w - image.size.width() + 1),
                    b % (h - image.size.height() + 1),
                );
                let copy = ops::CopyRect::new(info, image, left, top, c.is_multiple_of(2)).unwrap();
                frames.push(push(
                    &mut nodes,
                    Producer::Stage(Box::new(copy)),
                    vec![first, second],
                ));
                continue;
            }
            _ => {
                let image = nodes[second].frame();
                let (iw, ih) = (image.size.width().min(w), image.size.height().min(h));
                let axis = |samples, out| Axis {
                    samples,
                    from: 0.0,
                    to: f64::from(samples),
                    out,
                    filter: Filter::Robidoux,
                    sharpen: 0.0,
                    block: 1,
                };
                let across =
                    Horizontal::new(image, &axis(image.size.width(), iw), space, level).unwrap();
                let vertical = Vertical::new(
                    across.output(),
                    &axis(image.size.height(), ih),
                    space,
                    Target::Floats,
                    level,
                )
                .unwrap();
                assert_eq!(vertical.output().layout, PixelLayout::BgraF32);
                let draw = ops::Draw::new(
                    info,
                    vertical.output(),
                    a % (w - iw + 1),
                    b % (h - ih + 1),
                    space,
                    level,
                )
                .unwrap();
                let narrow = push(&mut nodes, Producer::Stage(Box::new(across)), vec![second]);
                let scaled = push(
                    &mut nodes,
                    Producer::Stage(Box::new(vertical)),
                    vec![narrow],
                );
                frames.push(push(
                    &mut nodes,
                    Producer::Stage(Box::new(draw)),
                    vec![first, scaled],
                ));
                continue;
            }
        };
        frames.push(push(&mut nodes, Producer::Stage(stage), vec![first]));
    }
    let sinks = sinks
        .iter()
        .map(|s| PlanSink {
            input: frames[s % frames.len()],
            kind: SinkKind::Discard,
        })
        .collect();
    Plan {
        nodes,
        sinks,
        decoder_bytes: 0,
    }
}

fn wish() -> impl Strategy<Value = Wish> {
    (0u8..11, (0usize..50, 0usize..50), any::<[u32; 4]>()).prop_map(|(kind, inputs, numbers)| {
        Wish {
            kind,
            inputs,
            numbers: numbers.map(|n| n >> 8),
        }
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_plan_strip_height_thread_count_and_grouping_equals_the_reference(
        wishes in proptest::collection::vec(wish(), 1..12),
        sinks in proptest::collection::vec(0usize..50, 1..5),
        strip in prop::sample::select(vec![1u32, 2, 3, 7, 16, 64]),
        threads in 1usize..4,
    ) {
        let want = evaluate(build(&wishes, &sinks));
        prop_assert_eq!(&pumped(build(&wishes, &sinks), strip, threads), &want, "all outputs at once");
        for (sink, want) in sinks.iter().zip(&want) {
            let alone = pumped(build(&wishes, &[*sink]), strip, 1);
            prop_assert_eq!(&alone[0], want, "one output alone");
        }
    }
}

#[test]
fn a_long_chain_of_turns_needs_no_deep_stack() {
    let wishes: Vec<Wish> = std::iter::once(Wish {
        kind: 0,
        inputs: (0, 0),
        numbers: [1, 8, 8, 5],
    })
    .chain((0..2000).map(|i| Wish {
        kind: if i % 2 == 0 { 4 } else { 5 },
        inputs: (i, i),
        numbers: [0; 4],
    }))
    .collect();
    let last = wishes.len() - 1;
    assert_eq!(
        pumped(build(&wishes, &[last]), 16, 1),
        evaluate(build(&wishes, &[last]))
    );
}

#[test]
fn a_reduction_keeps_few_rows() {
    // 400 rows to 20: the rings hold windows, not frames.
    let info = FrameInfo::bgra8(Size::new(64, 400).unwrap(), Alpha::Opaque);
    let level = SimdLevel::detect();
    let axis = |samples, out| Axis {
        samples,
        from: 0.0,
        to: f64::from(samples),
        out,
        filter: Filter::Robidoux,
        sharpen: 0.0,
        block: 1,
    };
    let across = Horizontal::new(info, &axis(64, 8), WorkingSpace::Linear, level).unwrap();
    let down = Vertical::new(
        across.output(),
        &axis(400, 20),
        WorkingSpace::Linear,
        Target::Bytes { matte: None },
        level,
    )
    .unwrap();
    let node = |producer, inputs| PlanNode {
        producer,
        inputs,
        label: String::new(),
        io_id: None,
    };
    let plan = Plan {
        nodes: vec![
            node(Producer::Source(Box::new(Noise(info, 1))), vec![]),
            node(Producer::Stage(Box::new(across)), vec![0]),
            node(Producer::Stage(Box::new(down)), vec![1]),
        ],
        sinks: vec![PlanSink {
            input: 2,
            kind: SinkKind::Discard,
        }],
        decoder_bytes: 0,
    };
    let control = JobControl::default();
    super::pump::run(
        plan,
        &IoTable::new(),
        &SecurityLimits::default(),
        &control,
        16,
    )
    .unwrap();
    let frame = RowBuf::bytes_for(&info, 400);
    assert!(
        control.peak_bytes() < frame / 2,
        "{} of {frame}",
        control.peak_bytes()
    );
}
