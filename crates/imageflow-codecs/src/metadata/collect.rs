//! Finding EXIF, XMP and the colour profile in a file, whatever decodes it.

use std::io::{BufRead, Read, Seek, SeekFrom};

use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::{Input, Reader};

/// Most bytes of one block.
const MAX_BLOCK: u64 = 4 << 20;
/// Most segments or chunks that are looked at.
const MAX_CHUNKS: usize = 10_000;
const JPEG_ICC: &[u8] = b"ICC_PROFILE\0";
const JPEG_XMP: &[u8] = b"http://ns.adobe.com/xap/1.0/\0";
const PNG_XMP: &[u8] = b"XML:com.adobe.xmp\0";

/// The blocks of a file as they are: EXIF without a marker, XMP.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub(super) struct Blocks {
    pub(super) exif: Option<Vec<u8>>,
    pub(super) xmp: Option<Vec<u8>>,
    pub(super) icc: Option<Vec<u8>>,
}

/// Reads them; a damaged container ends the search.
pub(super) fn collect(input: &Input, format: ImageFormat) -> Result<Blocks, CodecError> {
    let mut reader = input.reader();
    let mut blocks = Blocks::default();
    let outcome = match format {
        ImageFormat::Jpeg => jpeg(&mut reader, &mut blocks),
        ImageFormat::Png => png(&mut reader, &mut blocks),
        ImageFormat::WebP => webp(&mut reader, &mut blocks),
        _ => Ok(()),
    };
    match outcome {
        Err(error) if error.kind() != std::io::ErrorKind::UnexpectedEof => {
            Err(CodecError::read(error))
        }
        _ => Ok(blocks),
    }
}

fn take(reader: &mut Reader, length: u64) -> std::io::Result<Vec<u8>> {
    let mut block = Vec::new();
    reader
        .by_ref()
        .take(length.min(MAX_BLOCK))
        .read_to_end(&mut block)?;
    Ok(block)
}

fn jpeg(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    let mut two = [0; 2];
    // Number, count and bytes of each part of the profile.
    let mut profile: Vec<(u8, u8, Vec<u8>)> = Vec::new();
    reader.read_exact(&mut two)?;
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut two)?;
        let [0xFF, marker] = two else { return Ok(()) };
        // Start of scan, end of image, and markers without a length.
        if matches!(marker, 0xDA | 0xD9 | 0x00 | 0x01 | 0xD0..=0xD8) {
            break;
        }
        if marker == 0xFF {
            // Fill bytes: the second of these may be the first of a marker.
            let next = reader.fill_buf()?.first().copied();
            if let Some(next) = next.filter(|b| *b != 0xFF) {
                reader.consume(1);
                if matches!(next, 0xDA | 0xD9) {
                    break;
                }
            }
            continue;
        }
        reader.read_exact(&mut two)?;
        let Some(length) = u64::from(u16::from_be_bytes(two)).checked_sub(2) else {
            return Ok(());
        };
        if !matches!(marker, 0xE1 | 0xE2) {
            reader.seek(SeekFrom::Current(i64::try_from(length).unwrap_or(0)))?;
            continue;
        }
        let payload = take(reader, length)?;
        if let Some(exif) = payload.strip_prefix(b"Exif\0\0") {
            blocks.exif.get_or_insert_with(|| exif.to_vec());
        } else if let Some(xmp) = payload.strip_prefix(JPEG_XMP) {
            blocks.xmp.get_or_insert_with(|| xmp.to_vec());
        } else if let Some([number, count, part @ ..]) = payload.strip_prefix(JPEG_ICC) {
            profile.push((*number, *count, part.to_vec()));
        }
    }
    profile.sort_by_key(|(number, ..)| *number);
    let numbers = profile.iter().map(|(number, ..)| usize::from(*number));
    let is_whole = numbers.eq(1..=profile.len())
        && (profile.iter()).all(|(_, count, _)| usize::from(*count) == profile.len());
    if is_whole && !profile.is_empty() {
        blocks.icc = Some(profile.into_iter().flat_map(|(.., part)| part).collect());
    }
    Ok(())
}

fn png(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    reader.seek(SeekFrom::Start(8))?;
    let mut head = [0; 8];
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"eXIf" => {
                blocks.exif = Some(take(reader, length)?);
                reader.seek(SeekFrom::Current(skip(length, 4)))?;
            }
            b"iTXt" => {
                let text = take(reader, length)?;
                // Keyword, no compression, no language, no translated keyword.
                let xmp = text
                    .strip_prefix(PNG_XMP)
                    .and_then(|rest| rest.strip_prefix(&[0, 0]))
                    .and_then(|rest| {
                        let language = rest.iter().position(|b| *b == 0)? + 1;
                        let rest = rest.get(language..)?;
                        rest.get(rest.iter().position(|b| *b == 0)? + 1..)
                    });
                if let Some(xmp) = xmp {
                    blocks.xmp = Some(xmp.to_vec());
                }
                reader.seek(SeekFrom::Current(skip(length, 4)))?;
            }
            b"iCCP" => {
                let chunk = take(reader, length)?;
                // Keyword, method 0, zlib.
                let packed = chunk
                    .iter()
                    .position(|b| *b == 0)
                    .and_then(|end| chunk.get(end + 2..));
                let mut icc = Vec::new();
                let inflated = packed.is_some_and(|packed| {
                    flate2::read::ZlibDecoder::new(packed)
                        .take(MAX_BLOCK)
                        .read_to_end(&mut icc)
                        .is_ok()
                });
                blocks.icc = Some(icc).filter(|_| inflated);
                reader.seek(SeekFrom::Current(skip(length, 4)))?;
            }
            b"IEND" => return Ok(()),
            _ => {
                let all = i64::try_from(length + 4).unwrap_or(i64::MAX);
                reader.seek(SeekFrom::Current(all))?;
            }
        }
    }
    Ok(())
}

/// What is left of a chunk of `length` bytes after [`take`], and `behind` bytes more.
fn skip(length: u64, behind: i64) -> i64 {
    i64::try_from(length.saturating_sub(MAX_BLOCK)).map_or(i64::MAX, |rest| rest + behind)
}

fn webp(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    reader.seek(SeekFrom::Start(12))?;
    let mut head = [0; 8];
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut head)?;
        let [kind @ .., a, b, c, d] = head;
        let length = u64::from(u32::from_le_bytes([a, b, c, d]));
        let pad = i64::from(length % 2 == 1);
        match &kind {
            b"EXIF" => {
                let block = take(reader, length)?;
                let exif = block.strip_prefix(b"Exif\0\0").unwrap_or(&block).to_vec();
                blocks.exif = Some(exif);
                reader.seek(SeekFrom::Current(skip(length, pad)))?;
            }
            b"ICCP" => {
                blocks.icc = Some(take(reader, length)?);
                reader.seek(SeekFrom::Current(skip(length, pad)))?;
            }
            b"XMP " => {
                blocks.xmp = Some(take(reader, length)?);
                reader.seek(SeekFrom::Current(skip(length, pad)))?;
            }
            _ => {
                let all = i64::try_from(length)
                    .unwrap_or(i64::MAX)
                    .saturating_add(pad);
                reader.seek(SeekFrom::Current(all))?;
            }
        }
    }
    Ok(())
}
