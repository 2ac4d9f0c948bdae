//! Large input files, made once and kept in the target folder.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use jpeg_encoder::{Encoder, ImageBuffer, JpegColorType, SamplingFactor};

use crate::{scene, tool};

/// Side of the square that large pictures repeat.
const TILE: usize = 512;

/// A baseline 4:2:0 JPEG of this size, without a whole picture in memory.
///
/// # Panics
/// When it cannot be written.
pub fn baseline_jpeg(width: u16, height: u16) -> PathBuf {
    cached(&format!("baseline-{width}x{height}.jpg"), |file| {
        let mut encoder = Encoder::new(BufWriter::new(file), 85);
        encoder.set_sampling_factor(SamplingFactor::F_2_2);
        encoder
            .encode_image(Repeated {
                tile: tile(),
                width,
                height,
            })
            .map_err(io::Error::other)
    })
}

/// An RGB PNG of this size.
///
/// # Panics
/// When it cannot be written.
pub fn rgb_png(width: u32, height: u32) -> PathBuf {
    cached(&format!("rgb-{width}x{height}.png"), |file| {
        let mut encoder = png::Encoder::new(BufWriter::new(file), width, height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_compression(png::Compression::Fast);
        let mut writer = encoder.write_header().map_err(io::Error::other)?;
        let mut stream = writer.stream_writer().map_err(io::Error::other)?;
        let tile = tile();
        for y in 0..height as usize {
            let row: Vec<u8> = (0..width as usize)
                .flat_map(|x| texel(&tile, x, y))
                .collect();
            stream.write_all(&row)?;
        }
        stream.finish().map_err(io::Error::other)
    })
}

/// A PNG header that claims a size, and next to no data.
///
/// # Panics
/// When it cannot be written.
pub fn boastful_png(width: u32, height: u32) -> PathBuf {
    cached(&format!("claims-{width}x{height}.png"), |mut file| {
        file.write_all(&png_file(width, height))
    })
}

fn png_file(width: u32, height: u32) -> Vec<u8> {
    let mut out = b"\x89PNG\r\n\x1a\n".to_vec();
    let mut header = Vec::new();
    header.extend(width.to_be_bytes());
    header.extend(height.to_be_bytes());
    header.extend([8, 6, 0, 0, 0]);
    // A valid, empty zlib stream would be 8 bytes; these 17 inflate to a few zeroes.
    let data = [
        0x78, 0x9C, 0x63, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60, 0x60,
        0x60, 0x00,
    ];
    for (name, body) in [
        (b"IHDR", header.as_slice()),
        (b"IDAT", &data),
        (b"IEND", &[]),
    ] {
        out.extend((body.len() as u32).to_be_bytes());
        let start = out.len();
        out.extend(name);
        out.extend(body);
        let crc = crc32(&out[start..]);
        out.extend(crc.to_be_bytes());
    }
    out
}

/// CRC-32 as PNG has it (ISO 3309), bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, &byte: &u8| {
        (0..8).fold(crc ^ u32::from(byte), |c, _| {
            (c >> 1) ^ (0xEDB8_8320 & 0u32.wrapping_sub(c & 1))
        })
    };
    !bytes.iter().fold(!0, step)
}

/// Makes a file under a temporary name, once.
fn cached(name: &str, make: impl FnOnce(File) -> io::Result<()>) -> PathBuf {
    let folder = tool::target_folder().join("test-input");
    let path = folder.join(name);
    if !path.exists() {
        let made = make_file(&folder, &path, make);
        assert!(made.is_ok(), "cannot make {}: {made:?}", path.display());
    }
    path
}

fn make_file(
    folder: &Path,
    path: &Path,
    make: impl FnOnce(File) -> io::Result<()>,
) -> io::Result<()> {
    fs::create_dir_all(folder)?;
    let thread = format!("{:?}", std::thread::current().id()).replace(['(', ')'], "-");
    let temporary = path.with_extension(format!("tmp-{}-{thread}", std::process::id()));
    make(File::create(&temporary)?)?;
    fs::rename(&temporary, path)
}

fn tile() -> Vec<u8> {
    scene::render(TILE, TILE)
}

/// The tile repeated and mirrored, so that there are no seams.
fn texel(tile: &[u8], x: usize, y: usize) -> [u8; 3] {
    let fold = |v: usize| {
        if (v / TILE).is_multiple_of(2) {
            v % TILE
        } else {
            TILE - 1 - v % TILE
        }
    };
    let at = (fold(y) * TILE + fold(x)) * 3;
    [tile[at], tile[at + 1], tile[at + 2]]
}

struct Repeated {
    tile: Vec<u8>,
    width: u16,
    height: u16,
}

impl ImageBuffer for Repeated {
    fn get_jpeg_color_type(&self) -> JpegColorType {
        JpegColorType::Ycbcr
    }

    fn width(&self) -> u16 {
        self.width
    }

    fn height(&self) -> u16 {
        self.height
    }

    fn fill_buffers(&self, y: u16, buffers: &mut [Vec<u8>; 4]) {
        let [luma, blue, red, _] = buffers;
        for x in 0..usize::from(self.width) {
            let [r, g, b] = texel(&self.tile, x, usize::from(y));
            let (l, cb, cr) = jpeg_encoder::rgb_to_ycbcr(r, g, b);
            luma.push(l);
            blue.push(cb);
            red.push(cr);
        }
    }
}
