//! The fast Huffman decoder against the library's own: the same pixels from sound, damaged and cut files.

use std::path::PathBuf;

use imageflow_pixels::JobControl;

use super::decode::Pixels;
use super::encode_tests::{Shared, encode_to, scene};
use super::ffi_decode::Decompressor;
use super::{JpegSettings, JpegStyle};
use crate::input::{Bytes, Input};

/// Rows until the end or an error, and the error.
type Outcome = (Vec<Vec<u8>>, Option<String>);

/// Decodes after passing over `skip` rows. Also says whether the fast decoder was in place.
fn rows(input: &Input, skip: u32, fast: bool) -> Result<(Outcome, bool), String> {
    let mut library =
        Decompressor::open(input.reader(), &JobControl::default()).map_err(|e| e.to_string())?;
    library.start(Pixels::Bgrx).map_err(|e| e.to_string())?;
    let installed = library.has_fast_entropy();
    if !fast {
        library.restore_entropy();
    }
    let mut found = Vec::new();
    let outcome = library.skip_rows(skip).and_then(|()| {
        for _ in skip..library.height() {
            let mut row = vec![0; library.width() as usize * 4];
            library.read_row(&mut row)?;
            found.push(row);
        }
        Ok(())
    });
    Ok(((found, outcome.err().map(|e| e.to_string())), installed))
}

/// Checks that both give the same, and returns whether the fast decoder was in place.
fn same(input: &Input, skip: u32, what: &str) -> bool {
    let (fast, slow) = (rows(input, skip, true), rows(input, skip, false));
    let installed = matches!(fast, Ok((_, true)));
    assert!(fast == slow, "{what}: not as the library decodes it");
    installed
}

fn memory(bytes: &[u8]) -> Input {
    Input::Memory(Bytes::Shared(bytes.into()))
}

struct Random(u32);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % limit.max(1)
    }
}

fn encoded(quality: u8, optimize_huffman: bool, size: (u32, u32), noise: u32) -> Vec<u8> {
    let out = Shared::default();
    let settings = JpegSettings {
        style: JpegStyle::Classic,
        quality,
        progressive: false,
        optimize_huffman,
    };
    let pixel = |x: u32, y: u32| {
        let h = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77)).wrapping_mul(noise);
        scene(x, y).map(|v| v.wrapping_add((h >> 24) as u8 & noise as u8))
    };
    let control = imageflow_pixels::JobControl::default();
    encode_to(settings, size, 16, pixel, Box::new(out.clone()), &control).unwrap();
    out.0.lock().unwrap().clone()
}

/// One kind of damage to the coded data. Not fill bytes: after them the library leaves coefficients of a first attempt in the
/// block.
fn damaged(file: &[u8], random: &mut Random) -> Vec<u8> {
    let scan = file.windows(2).position(|w| w == [0xFF, 0xDA]).unwrap() + 14;
    let at = (scan + random.below(file.len() - scan)).min(file.len() - 1);
    let mut file = file.to_vec();
    match random.below(5) {
        0 => file[at] ^= 1 << random.below(8),
        1 => file[at] = random.below(255) as u8,
        2 => file.truncate(at),
        3 => drop(file.splice(at..at, [0xFF, 0xD0 + random.below(8) as u8])),
        _ => drop(file.splice(at..(at + random.below(40)).min(file.len()), [])),
    }
    file
}

#[test]
fn sound_files_decode_as_the_library_decodes_them() {
    for quality in [5, 60, 85, 100] {
        for optimize in [false, true] {
            for (size, noise) in [
                ((1, 1), 0),
                ((33, 17), 0xFF),
                ((300, 211), 0x0F),
                ((257, 190), 0xFF),
            ] {
                let file = encoded(quality, optimize, size, noise);
                for skip in [0, size.1 / 2] {
                    let what = format!("{quality} {optimize} {size:?} {noise} skip {skip}");
                    assert!(same(&memory(&file), skip, &what), "{what}: not in place");
                }
            }
        }
    }
}

#[test]
fn files_are_read_across_the_ends_of_the_buffer() {
    let file = encoded(100, true, (400, 300), 0xFF);
    assert!(file.len() > 3 * crate::input::Reader::CHUNK);
    let path = std::env::temp_dir().join(format!("imageflow-entropy-{}.jpg", std::process::id()));
    std::fs::write(&path, &file).unwrap();
    let input = Input::open_file(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert!(same(&input, 0, "a file"));
    assert_eq!(rows(&input, 0, true), rows(&memory(&file), 0, true));
}

#[test]
fn damaged_files_decode_as_the_library_decodes_them() {
    let mut random = Random(7);
    for quality in [20, 90] {
        let file = encoded(quality, true, (180, 130), 0x3F);
        for round in 0..300 {
            let mut bytes = damaged(&file, &mut random);
            if round % 3 == 0 {
                bytes = damaged(&bytes, &mut random);
            }
            same(
                &memory(&bytes),
                0,
                &format!("quality {quality} round {round}"),
            );
        }
    }
}

/// The corpus has what no encoder here writes: restart markers, 4:1:1, 4:4:0, non-interleaved scans, odd tables.
#[test]
fn the_corpus_decodes_as_the_library_decodes_it() {
    let shared = std::env::var_os("IMAGEFLOW_SHARED").map_or_else(
        || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared")),
        PathBuf::from,
    );
    let Ok(folder) = std::fs::read_dir(shared.join("corpus/photos")) else {
        eprintln!("skipped: no corpus of photos");
        return;
    };
    let mut random = Random(11);
    let mut installed = 0;
    for path in folder.map(|entry| entry.unwrap().path()) {
        let bytes = std::fs::read(&path).unwrap_or_default();
        if bytes.len() > 400_000 || path.extension().is_none_or(|e| e != "jpg") {
            continue;
        }
        let name = path.display().to_string();
        installed += u32::from(same(&memory(&bytes), 0, &name));
        for round in 0..4 {
            let bytes = damaged(&bytes, &mut random);
            same(&memory(&bytes), 0, &format!("{name} round {round}"));
        }
    }
    assert!(installed > 10, "in place for {installed} files only");
}
