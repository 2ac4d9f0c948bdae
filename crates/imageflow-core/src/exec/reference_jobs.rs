//! Random jobs over real files: planning never fails on them, and what the pump makes of the plan is what the reference makes,
//! and near what it makes of the plan in which no decoder reduces anything.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::fmt::Write as _;
use std::io::{self, Write};
use std::sync::{Arc, LazyLock, Mutex};

use imageflow_codecs::gif::GifSettings;
use imageflow_codecs::jpeg::{JpegSettings, JpegStyle};
use imageflow_codecs::png::PngSettings;
use imageflow_codecs::webp::WebpSettings;
use imageflow_codecs::{Bytes, EncoderSettings, encoder};
use imageflow_pixels::{Alpha, FrameInfo, JobControl, RowBuf, Size};
use imageflow_types::Framewise;
use proptest::prelude::*;

use super::reference::{evaluate, pumped};
use crate::io::{IoTable, OutputPlace};
use crate::limits::SecurityLimits;
use crate::plan::{self, Frames, Plan, Planning};

/// How far apart, on average, reduced and unreduced decodes may be. Blocks are means, a filter is not.
const MAX_MEAN_DIFFERENCE: f64 = 4.0;

#[derive(Clone, Default)]
struct Shared(Arc<Mutex<Vec<u8>>>);

impl Write for Shared {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// What a picture shows decides how its chroma is sampled.
#[derive(Clone, Copy)]
enum Scene {
    /// Soft colours, which are stored at half size.
    Soft,
    /// Thin stripes of saturated colours, one pixel wide across and so many down.
    Stripes(u32, u32),
    /// Soft colours that fade to nothing.
    Fading,
}

fn file(settings: EncoderSettings, width: u32, height: u32, scene: Scene) -> Vec<u8> {
    let alpha = match scene {
        Scene::Fading => Alpha::Meaningful,
        _ => Alpha::Opaque,
    };
    let frame = FrameInfo::bgra8(Size::new(width, height).unwrap(), alpha);
    let control = JobControl::default();
    let mut rows = RowBuf::whole(frame, &control).unwrap();
    let mut all = rows.all_mut();
    for y in 0..height {
        for (x, pixel) in (0u32..).zip(all.row_mut(y).chunks_exact_mut(4)) {
            let wave =
                |f: f64| (128.0 + 90.0 * (f64::from(x) * f + f64::from(y) * 0.05).sin()) as u8;
            let soft = [wave(0.06), wave(0.09), wave(0.04), 255];
            pixel.copy_from_slice(&match scene {
                Scene::Soft => soft,
                Scene::Fading => [soft[0], soft[1], soft[2], (x * 255 / width) as u8],
                Scene::Stripes(across, down) => {
                    match (x * across.min(1) / across.max(1) + y * down.min(1) / down.max(1)) % 2 {
                        0 => [20, 40, 230, 255],
                        _ => [220, 60, 30, 255],
                    }
                }
            });
        }
    }
    let bytes = Shared::default();
    let mut sink = encoder(&settings, frame, Box::new(bytes.clone()), &control).unwrap();
    sink.write_rows(&rows.rows(0..height)).unwrap();
    sink.finish().unwrap();
    let bytes = bytes.0.lock().unwrap();
    bytes.clone()
}

/// Files of every format and chroma sampling whose encoder every build has.
static FILES: LazyLock<Vec<Bytes>> = LazyLock::new(|| {
    let jpeg = |style, progressive| {
        EncoderSettings::Jpeg(JpegSettings {
            style,
            quality: 90,
            progressive,
            optimize_huffman: false,
        })
    };
    let classic = || jpeg(JpegStyle::Classic, false);
    let png = || EncoderSettings::Png(PngSettings::Lossless { max_deflate: false });
    let webp = EncoderSettings::WebP(WebpSettings {
        quality: 80.0,
        lossless: true,
    });
    [
        file(classic(), 403, 301, Scene::Soft),
        file(classic(), 400, 304, Scene::Stripes(1, 0)),
        file(classic(), 301, 403, Scene::Stripes(0, 1)),
        file(classic(), 322, 322, Scene::Stripes(1, 1)),
        file(jpeg(JpegStyle::Best, true), 160, 120, Scene::Soft),
        file(png(), 200, 150, Scene::Fading),
        file(webp, 90, 110, Scene::Fading),
        file(
            EncoderSettings::Gif(GifSettings::default()),
            64,
            48,
            Scene::Soft,
        ),
    ]
    .map(|bytes| Bytes::Shared(bytes.into()))
    .to_vec()
});

/// One output and the way to it.
#[derive(Clone, Debug)]
struct Way {
    input: usize,
    hint: u32,
    size: (u32, u32),
    mode: &'static str,
    turn: &'static str,
    mark: Option<(usize, f32)>,
    canvas: bool,
}

fn way() -> impl Strategy<Value = Way> {
    (
        0usize..9,
        prop::sample::select(vec![0u32, 0, 60, 150]),
        (8u32..130, 8u32..130),
        prop::sample::select(vec!["within", "fit_crop", "distort", "fit_pad"]),
        prop::sample::select(vec!["", "", "rotate_90", "flip_v", "flip_h"]),
        prop::option::of((0usize..9, prop::sample::select(vec![1.0f32, 0.5]))),
        any::<bool>(),
    )
        .prop_map(|(input, hint, size, mode, turn, mark, canvas)| Way {
            input,
            hint,
            size,
            mode,
            turn,
            mark,
            canvas,
        })
}

/// The graph of these ways; equal decodes are one.
fn job(ways: &[Way], inputs: usize) -> String {
    let mut nodes: Vec<String> = Vec::new();
    let mut edges = String::new();
    for (output, way) in ways.iter().enumerate() {
        let mut chain = Vec::new();
        let commands = match way.hint {
            0 => String::new(),
            side => format!(
                r#","commands":[{{"jpeg_downscale_hints":{{"width":{side},"height":{side}}}}}]"#
            ),
        };
        chain.push(format!(
            r#"{{"decode":{{"io_id":{}{commands}}}}}"#,
            way.input % inputs
        ));
        chain.push(format!(
            r#"{{"constrain":{{"mode":"{}","w":{},"h":{}}}}}"#,
            way.mode, way.size.0, way.size.1
        ));
        if !way.turn.is_empty() {
            chain.push(format!(r#""{}""#, way.turn));
        }
        if let Some((mark, opacity)) = way.mark {
            chain.push(format!(
                r#"{{"watermark":{{"io_id":{},"opacity":{opacity},"fit_box":{{"image_percentage":{{"x1":10,"y1":20,"x2":70,"y2":90}}}}}}}}"#,
                mark % inputs
            ));
        }
        if way.canvas {
            chain.push(
                r#"{"expand_canvas":{"left":1,"top":2,"right":3,"bottom":0,"color":"black"}}"#
                    .to_owned(),
            );
        }
        chain.push(format!(
            r#"{{"encode":{{"io_id":{},"preset":{{"lodepng":{{}}}}}}}}"#,
            100 + output
        ));
        for (i, node) in chain.into_iter().enumerate() {
            if i > 0 {
                let to = nodes.len();
                let comma = if edges.is_empty() { "" } else { "," };
                write!(
                    edges,
                    r#"{comma}{{"from":{},"to":{to},"kind":"input"}}"#,
                    to - 1
                )
                .unwrap();
            }
            nodes.push(node);
        }
    }
    let nodes: Vec<String> = (0..)
        .zip(nodes)
        .map(|(key, node): (usize, String)| format!(r#""{key}":{node}"#))
        .collect();
    format!(
        r#"{{"graph":{{"nodes":{{{}}},"edges":[{edges}]}}}}"#,
        nodes.join(",")
    )
}

/// The plan of a job, with decoders that reduce or without.
fn planned(framewise: &Framewise, io: &IoTable, reduce: bool) -> Plan {
    let control = JobControl::default();
    let limits = SecurityLimits::default();
    let frames = Frames::default();
    let planning = Planning {
        io,
        limits: &limits,
        control: &control,
        frames: &frames,
        run: &|plan| super::run(plan, io, &limits, &control).map(|_| ()),
    };
    let ir = plan::compile(framewise, planning).unwrap();
    match reduce {
        true => plan::finish(ir, planning).unwrap(),
        false => plan::finish_unreduced(ir, planning).unwrap(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, ..ProptestConfig::default() })]

    #[test]
    fn any_job_over_several_files_equals_the_reference(
        files in proptest::collection::vec(0usize..8, 2..5),
        ways in proptest::collection::vec(way(), 1..5),
        strip in prop::sample::select(vec![1u32, 7, 16, 64]),
        threads in 1usize..3,
    ) {
        let mut io = IoTable::new();
        let limits = SecurityLimits::default();
        for (io_id, file) in (0..).zip(&files) {
            io.add_bytes(io_id, FILES[*file].clone(), &limits).unwrap();
        }
        for output in (100..).take(ways.len()) {
            io.add_output(output, OutputPlace::Buffer).unwrap();
        }
        let framewise: Framewise = serde_json::from_str(&job(&ways, files.len())).unwrap();
        let want = evaluate(planned(&framewise, &io, true));
        prop_assert_eq!(&pumped(planned(&framewise, &io, true), strip, threads), &want);
        for (reduced, exact) in want.iter().zip(evaluate(planned(&framewise, &io, false))) {
            prop_assert_eq!(reduced.len(), exact.len());
            let sum: u64 = reduced.iter().zip(&exact).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
            let mean = sum as f64 / exact.len() as f64;
            prop_assert!(mean <= MAX_MEAN_DIFFERENCE, "{mean}");
        }
    }
}
