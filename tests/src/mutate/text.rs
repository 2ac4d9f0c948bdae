//! Text by tokens: JSON, querystrings, SVG.

use super::{Noise, Random};

/// Between tokens.
const BETWEEN: &[u8] = b"&=,;?{}[]:<>/ \"'()#%";
/// Tokens that mean something to one of the readers.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "1",
    "1e9",
    "1e308",
    "-0",
    "NaN",
    "inf",
    "0.5",
    "99999999999999999999",
    "true",
    "false",
    "null",
    "\"",
    "%00",
    "%ff",
    "\u{FFFD}",
    "w",
    "h",
    "width",
    "height",
    "mode",
    "crop",
    "srcset",
    "format",
    "auto",
    "c.gravity",
    "bgcolor",
    "qp",
    "dpr",
    "s.sepia",
    "io_id",
    "framewise",
    "steps",
    "graph",
    "nodes",
    "edges",
    "decode",
    "encode",
    "constrain",
    "resample_2d",
    "canvas",
    "watermark",
    "preset",
    "mozjpeg",
    "webplossy",
    "svg",
    "rect",
    "use",
    "href",
    "g",
    "transform",
    "filter",
    "feGaussianBlur",
    "linearGradient",
    "pattern",
    "mask",
    "clipPath",
    "M0 0",
    "&amp;",
];

/// Removes, repeats, moves or replaces tokens.
pub fn change(data: &mut Vec<u8>, max: usize, random: &mut Random, noise: &mut Noise<'_>) {
    let mut tokens = tokens(data);
    if tokens.is_empty() || random.one_in(4) {
        return noise(data, max, random);
    }
    for _ in 0..random.within(1, 3) {
        if tokens.is_empty() {
            break;
        }
        let at = random.below(tokens.len());
        let end = (at + random.within(1, 12)).min(tokens.len());
        match random.below(7) {
            0 => {
                tokens.drain(at..end);
            }
            1 => {
                let run = tokens[at..end].to_vec();
                let to = random.below(tokens.len() + 1);
                tokens.splice(to..to, run);
            }
            2 => {
                let other = random.below(tokens.len());
                tokens.swap(at, other);
            }
            3 => {
                // Often and deep: what is not linear, or calls itself, shows.
                let run = tokens[at..end].concat();
                let count = random.within(1, 200).min(max / 4 / (run.len() + 1));
                tokens.insert(at, run.repeat(count));
            }
            4 => noise(&mut tokens[at], 64, random),
            _ => tokens[at] = random.pick(WORDS).as_bytes().to_vec(),
        }
    }
    *data = tokens.concat();
    data.truncate(max);
}

fn tokens(data: &[u8]) -> Vec<Vec<u8>> {
    data.chunk_by(|a, b| !BETWEEN.contains(a) && !BETWEEN.contains(b))
        .map(<[u8]>::to_vec)
        .collect()
}
