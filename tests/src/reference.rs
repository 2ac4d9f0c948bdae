//! The reference: Markdown whose examples are run.
//!
//! A fenced block that begins with ```` ```json picture ```` is a node, a list of nodes, or a whole `framewise`, one that
//! begins with ```` ```querystring picture ```` is a command string; the engine runs it and the picture stands below. A line
//! `{{keys a b}}` becomes a table of these querystring keys. Input 0 is the generated landscape, 320 × 213; input 2 a round logo with
//! alpha, 96 × 96; input 3 a scan: small print on white paper. Nodes alone stand between a decode of input 0 and an
//! encode. `input=3` after `picture` decodes another one.

use std::sync::Arc;

use imageflow_codecs::Bytes;
use imageflow_core::Context;
use imageflow_querystring::keys::{self, Grammar};
use serde_json::{Value, json};

use crate::scene;

/// A piece of a page.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Part {
    /// Markdown as it is.
    Text(String),
    /// An example.
    Example(Example),
    /// Names of querystring keys.
    Keys(Vec<String>),
}

/// Something that makes a picture.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Example {
    /// `json` or `querystring`.
    pub language: &'static str,
    /// The words after `picture`.
    pub words: Vec<String>,
    /// What is run.
    pub body: String,
}

/// Takes a page apart.
pub fn parts(page: &str) -> Vec<Part> {
    let (mut parts, mut text, mut example) = (Vec::new(), String::new(), None::<Example>);
    for line in page.lines() {
        let words = |rest: &str| rest.split_whitespace().map(str::to_owned).collect();
        if let Some(open) = &mut example {
            if line == "```" {
                parts.extend(example.take().map(Part::Example));
            } else {
                open.body += &format!("{line}\n");
            }
            continue;
        }
        let keys = line
            .strip_prefix("{{keys ")
            .and_then(|rest| rest.strip_suffix("}}"));
        let start = ["json", "querystring"].into_iter().find_map(|language| {
            let rest = line.strip_prefix("```")?.strip_prefix(language)?;
            Some((language, rest.strip_prefix(" picture")?))
        });
        match (keys, start) {
            (Some(keys), _) => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                parts.push(Part::Keys(words(keys)));
            }
            (None, Some((language, rest))) => {
                parts.push(Part::Text(std::mem::take(&mut text)));
                example = Some(Example {
                    language,
                    words: words(rest),
                    body: String::new(),
                });
            }
            (None, None) => text += &format!("{line}\n"),
        }
    }
    parts.push(Part::Text(text));
    parts
}

/// Runs an example; returns the file it wrote.
///
/// # Errors
/// The JSON parser's or the engine's message.
pub fn run(example: &Example) -> Result<Vec<u8>, String> {
    let input = example
        .words
        .iter()
        .find_map(|w| w.strip_prefix("input="))
        .map_or(Ok(0), str::parse::<i32>)
        .map_err(|e| e.to_string())?;
    let framewise = if example.language == "querystring" {
        let value = example.body.trim();
        let warnings = imageflow_querystring::parse(value).1;
        if !warnings.is_empty() {
            return Err(format!("{warnings:?}"));
        }
        json!({"steps": [{"command_string": {"kind": "ir4", "value": value, "decode": input, "encode": 1}}]})
    } else {
        match serde_json::from_str(&example.body).map_err(|e| e.to_string())? {
            Value::Object(map) if map.contains_key("graph") || map.contains_key("steps") => {
                Value::Object(map)
            }
            Value::Array(nodes) => steps(input, nodes),
            node => steps(input, vec![node]),
        }
    };
    let mut context = Context::new();
    for (io_id, file) in [(0, landscape()), (2, logo()), (3, scan())] {
        context
            .add_input(io_id, Bytes::Shared(Arc::from(file)))
            .map_err(|e| e.to_string())?;
    }
    context.add_output_buffer(1).map_err(|e| e.to_string())?;
    let body = json!({ "framewise": framewise }).to_string();
    let response = context.send_json("v1/execute", body.as_bytes());
    if response.status != 200 {
        return Err(String::from_utf8_lossy(&response.body).into_owned());
    }
    context.take_output(1).map_err(|e| e.to_string())
}

/// A table of querystring keys: what values look like, what holds without the key, what it does.
///
/// # Errors
/// A name that is no key.
pub fn table(names: &[String]) -> Result<String, String> {
    let mut text = String::from("| Key | Values | Default | |\n|---|---|---|---|\n");
    for name in names {
        let key = keys::find(name).ok_or_else(|| format!("there is no key {name}"))?;
        let values: Vec<String> = match key.grammar {
            Grammar::Filter => vec!["a [filter](json-api/nodes.md)".to_owned()],
            Grammar::Color => vec!["`fff`, `ff8800`, `ff880080`, `red`".to_owned()],
            Grammar::Anchor => vec!["`topleft` to `bottomright`, `10,90`, `smart`".to_owned()],
            grammar => grammar
                .examples()
                .iter()
                .take(9)
                .map(|value| format!("`{}`", value.trim()))
                .collect(),
        };
        let fallback = key.stands_in_for.map_or_else(String::new, |other| {
            format!(" The same as `{other}`, which comes first.")
        });
        text += &format!(
            "| `{name}` | {} | {} | {}{fallback} |\n",
            values.join(", "),
            key.default,
            key.doc
        );
    }
    Ok(text)
}

/// Nodes between a decode and an encode, unless they bring their own.
fn steps(input: i32, mut nodes: Vec<Value>) -> Value {
    let has = |nodes: &[Value], name: &str| nodes.iter().any(|node| node.get(name).is_some());
    if !has(&nodes, "decode") && !has(&nodes, "create_canvas") {
        nodes.insert(0, json!({"decode": {"io_id": input}}));
    }
    if !has(&nodes, "encode") {
        nodes.push(json!({"encode": {"io_id": 1, "preset": {"lodepng": {}}}}));
    }
    json!({ "steps": nodes })
}

/// The landscape.
pub fn landscape() -> Vec<u8> {
    let (width, height) = (320, 213);
    // Rendered at twice the size and averaged: the scene has detail at every scale.
    let large = scene::render(width * 2, height * 2);
    let rgb: Vec<u8> = (0..height * width)
        .flat_map(|i| {
            let (x, y) = (i % width * 2, i / width * 2);
            let at = move |dx, dy, c| ((y + dy) * width * 2 + x + dx) * 3 + c;
            let large = &large;
            (0..3).map(move |c| {
                let sum: u32 = [(0, 0), (1, 0), (0, 1), (1, 1)]
                    .map(|(dx, dy)| u32::from(large[at(dx, dy, c)]))
                    .iter()
                    .sum();
                (sum / 4) as u8
            })
        })
        .collect();
    png(width, height, png::ColorType::Rgb, &rgb)
}

/// A ring and a dot with soft edges on nothing.
pub fn logo() -> Vec<u8> {
    const SIDE: usize = 96;
    let rgba: Vec<u8> = (0..SIDE * SIDE)
        .flat_map(|i| {
            let (x, y) = ((i % SIDE) as f32 - 47.5, (i / SIDE) as f32 - 47.5);
            let distance = x.hypot(y);
            let cover = |from: f32, to: f32| {
                ((distance - from + 0.5).clamp(0.0, 1.0)) * ((to - distance + 0.5).clamp(0.0, 1.0))
            };
            let (ring, dot) = (cover(34.0, 46.0), cover(-1.0, 16.0));
            let alpha = ring.max(dot);
            let color: [u8; 3] = if ring > dot {
                [255, 255, 255]
            } else {
                [230, 60, 40]
            };
            [color[0], color[1], color[2], (alpha * 255.0) as u8]
        })
        .collect();
    png(SIDE, SIDE, png::ColorType::Rgba, &rgba)
}

/// Lines of small print on paper that is not quite white.
pub fn scan() -> Vec<u8> {
    let (width, height) = (320, 213);
    let rgb: Vec<u8> = (0..width * height)
        .flat_map(|i| {
            let (x, y) = (i % width, i / width);
            let inside = (90..230).contains(&x) && (60..150).contains(&y);
            let word = (x * 7 + y / 12 * 31) % 37 > 8;
            let stroke = (x + y / 12 * 3) % 5 < 3 && y % 12 < 7;
            let paper = 242 + ((x * 13 + y * 7) % 5) as u8;
            if inside && word && stroke {
                [40, 42, 60]
            } else {
                [paper; 3]
            }
        })
        .collect();
    png(width, height, png::ColorType::Rgb, &rgb)
}

fn png(width: usize, height: usize, color: png::ColorType, pixels: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, width as u32, height as u32);
    encoder.set_color(color);
    encoder.set_depth(png::BitDepth::Eight);
    encoder
        .write_header()
        .and_then(|mut writer| writer.write_image_data(pixels))
        .unwrap_or_else(|e| panic!("a picture in memory cannot be written: {e}"));
    out
}
