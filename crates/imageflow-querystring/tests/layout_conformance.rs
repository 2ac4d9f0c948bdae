//! Text and source to sizes, decoder commands and nodes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::{conformance, same, size, sorted, sorted_recorded};
use imageflow_querystring::{
    Instructions, constrain, decoder_commands, jpeg_scale, layout, parse, steps,
};
use imageflow_types::{Constraint, DecoderCommand, Watermark};
use serde_json::{Value, json};

/// The frame the layout is computed on: what the decoder of `source` makes of the hints, oriented.
fn decoded(case: &Value, commands: &[DecoderCommand]) -> ((u32, u32), u32) {
    let stored = size(&case["w"], &case["h"]);
    let turned = case["exif"].as_u64().is_some_and(|flag| flag >= 5);
    let orient = |(w, h): (u32, u32)| if turned { (h, w) } else { (w, h) };
    for command in commands {
        match (command, case["source"].as_str()) {
            (DecoderCommand::JpegDownscaleHints(hints), Some("jpeg")) => {
                if let Some(scale) = jpeg_scale(stored, hints) {
                    return (orient(scale.size), scale.eighths);
                }
            }
            (DecoderCommand::WebpDecoderHints(hints), Some("webp")) => {
                let side = |v: i32| u32::try_from(v).unwrap();
                return ((side(hints.width), side(hints.height)), 8);
            }
            _ => {}
        }
    }
    (orient(stored), 8)
}

fn check(case: &Value) -> Result<(), String> {
    let out = &case["out"];
    let (mut wishes, warnings) = parse(case["qs"].as_str().unwrap());
    same("warn", &sorted_recorded(&out["warn"]), &sorted(&warnings))?;

    let trim = wishes.take_trim();
    same("trim_step", &out["trim_step"], &json!(trim))?;
    same("norm", &out["norm"], &json!(wishes.to_canonical()))?;
    let wishes = wishes.settled();

    let turned = case["exif"].as_u64().is_some_and(|flag| flag >= 5);
    let (w, h) = size(&case["w"], &case["h"]);
    let full = if turned { (h, w) } else { (w, h) };
    let (frame, eighths) = if trim.is_some() {
        let trimmed = &case["trimmed"];
        (size(&trimmed[0], &trimmed[1]), 8)
    } else {
        let commands = decoder_commands(&wishes, full);
        let recorded = out.get("decoder_commands").cloned().unwrap_or(json!([]));
        same("decoder_commands", &recorded, &json!(commands))?;
        decoded(case, &commands)
    };
    let recorded = out.get("jpeg_scale_num").cloned().unwrap_or(json!(8));
    same("jpeg_scale_num", &recorded, &json!(eighths))?;
    same(
        "decoded",
        &out["decoded"],
        &json!((frame != full).then_some(frame)),
    )?;
    check_layout(case, &wishes, frame, full)
}

fn check_layout(
    case: &Value,
    wishes: &Instructions,
    frame: (u32, u32),
    full: (u32, u32),
) -> Result<(), String> {
    let out = &case["out"];
    let plan = match layout(wishes, frame, full) {
        Ok(plan) => plan,
        Err(error) => return same("error", &out["error"], &json!(error.to_string())),
    };
    same("error", &out["error"], &Value::Null)?;
    same("crop", &out["crop"], &json!(plan.crop))?;
    same("image", &out["image"], &json!(plan.image))?;
    same("canvas", &out["canvas"], &json!(plan.canvas))?;
    let pad = Some(plan.pad).filter(|pad| *pad != [0; 4]);
    same("pad", &out["pad"], &json!(pad))?;
    same("final", &out["final"], &json!(plan.final_size))?;
    let marks: Vec<Watermark> = case
        .get("watermarks")
        .map_or_else(Vec::new, |w| serde_json::from_value(w.clone()).unwrap());
    same("steps", &out["steps"], &json!(steps(wishes, &plan, &marks)))
}

#[test]
fn conformance_layout() {
    conformance("layout.jsonl", check);
}

#[test]
fn conformance_constrain() {
    conformance("constrain.jsonl", |case| {
        let constraint: Constraint = serde_json::from_value(case["constraint"].clone()).unwrap();
        let out = &case["out"];
        let plan = match constrain(size(&case["w"], &case["h"]), &constraint) {
            Ok(plan) => plan,
            Err(error) => return same("error", &out["error"], &json!(error.to_string())),
        };
        same("crop", &out["crop"], &json!(plan.crop))?;
        same("image", &out["image"], &json!(plan.image))?;
        same("canvas", &out["canvas"], &json!(plan.canvas))?;
        let pad = Some(plan.pad).filter(|pad| *pad != [0; 4]);
        same("pad", &out["pad"], &json!(pad))
    });
}
