//! The pictures a case wrote.

use std::fs;
use std::path::Path;

use imageflow_codecs::ImageFormat;
use imageflow_tests::picture::Metric;
use imageflow_tests::{Picture, shared};
use serde_json::Value;

use super::{Session, id};

/// Compares one entry of `expected_outputs`.
pub(super) fn check(
    session: &mut Session,
    folder: &Path,
    case: &Value,
    expected: &Value,
) -> Result<(), String> {
    let io_id = id(&expected["io_id"]);
    let bytes = fetch(session, io_id, expected["read_from"].as_str().unwrap())?;
    let format = ImageFormat::sniff(&bytes).map(|f| f.extension().replace("jpg", "jpeg"));
    let wanted = expected["format"].as_str().unwrap().replace("jpg", "jpeg");
    if format.as_deref() != Some(wanted.as_str()) {
        return Err(format!("output {io_id} is {format:?}, expected {wanted}"));
    }
    let stem = format!("{}.io{io_id}", case["name"].as_str().unwrap());
    let size = (
        expected["width"].as_u64().unwrap() as usize,
        expected["height"].as_u64().unwrap() as usize,
    );
    if let Some(pixels) = expected["pixels"].as_str() {
        let actual = Picture::decode(&bytes).map_err(|e| format!("output {io_id}: {e}"))?;
        let reference = folder.join(pixels);
        return picture(&actual, &reference, size, &expected["tolerance"], &stem);
    }
    let frames = Picture::decode_frames(&bytes).map_err(|e| format!("output {io_id}: {e}"))?;
    let wanted = expected["frames"].as_array().unwrap();
    if frames.len() != wanted.len() {
        return Err(format!(
            "output {io_id} has {} frames, expected {}",
            frames.len(),
            wanted.len()
        ));
    }
    for (n, ((actual, _), reference)) in frames.iter().zip(wanted).enumerate() {
        let reference = folder.join(reference.as_str().unwrap());
        let stem = format!("{stem}.f{n}");
        picture(actual, &reference, size, &expected["tolerance"], &stem)?;
    }
    // A single frame has no time to be shown for.
    let delays: Vec<u64> = frames.iter().map(|(_, ms)| u64::from(*ms)).collect();
    let wanted: Vec<u64> = expected["frame_delays_ms"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_u64)
        .collect();
    if frames.len() > 1 && delays != wanted {
        return Err(format!(
            "output {io_id} has delays {delays:?}, expected {wanted:?}"
        ));
    }
    Ok(())
}

fn picture(
    actual: &Picture,
    reference: &Path,
    size: (usize, usize),
    tolerance: &Value,
    stem: &str,
) -> Result<(), String> {
    let reference = Picture::load(reference).unwrap();
    if (actual.width, actual.height) != size {
        return Err(format!("{stem} is {actual:?}, expected {size:?}"));
    }
    let why = match actual.distance(&reference, Metric::StraightIfVisible) {
        None => format!("{actual:?} instead of {reference:?}"),
        Some(d) => {
            let above = |name: &str, value: f64| {
                tolerance[name].as_f64().is_some_and(|limit| value > limit)
            };
            let below = tolerance["min_psnr"]
                .as_f64()
                .is_some_and(|limit| d.psnr < limit);
            if !above("max_abs", d.max) && !above("mean_abs", d.mean) && !below {
                return Ok(());
            }
            format!(
                "max {} mean {:.3} psnr {:.1}, allowed {tolerance}",
                d.max, d.mean, d.psnr
            )
        }
    };
    let output = shared::test_output().join("json");
    let _ = actual.save_png(&output.join(format!("{stem}.actual.png")));
    let _ = reference.save_png(&output.join(format!("{stem}.expected.png")));
    Err(format!("{stem}: {why}"))
}

fn fetch(session: &mut Session, io_id: i32, from: &str) -> Result<Vec<u8>, String> {
    if from == "output buffer" {
        let bytes = session
            .context
            .get_output(io_id)
            .map_err(|e| e.to_string())?;
        return Ok(bytes.as_ref().to_vec());
    }
    if let Some(path) = from.strip_prefix("file ") {
        return fs::read(path).map_err(|e| format!("{path}: {e}"));
    }
    let encodes = session
        .last_response
        .pointer("/data/job_result/encodes")
        .and_then(Value::as_array);
    let encode = encodes.into_iter().flatten().find(|e| e["io_id"] == io_id);
    let text = encode.and_then(|e| e["bytes"]["base_64"].as_str());
    base64(text.ok_or_else(|| format!("output {io_id} is not in the response"))?)
}

/// Standard base64 with padding.
pub(super) fn base64(text: &str) -> Result<Vec<u8>, String> {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut bits, mut count, mut out) = (0u32, 0u32, Vec::new());
    for c in text.trim_end_matches('=').bytes() {
        let value = ALPHABET
            .iter()
            .position(|&a| a == c)
            .ok_or_else(|| format!("{c:#x} is not base64"))?;
        bits = bits << 6 | value as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            out.push((bits >> count) as u8);
        }
    }
    Ok(out)
}
