//! PNG: eXIf, iCCP, and the text chunks: XMP, Author, Copyright, raw profiles.

use std::io::{Read, Seek, SeekFrom};

use super::{Blocks, MAX_BLOCK, MAX_CHUNKS, MAX_TEXT, exif, inflated, raw, skip, take};
use crate::input::Reader;
use crate::metadata::rights::Localized;

const XMP: &[u8] = b"XML:com.adobe.xmp";
/// Most texts about rights.
const MAX_TEXTS: usize = 20;

pub(super) fn read(reader: &mut Reader, blocks: &mut Blocks) -> std::io::Result<()> {
    reader.seek(SeekFrom::Start(8))?;
    let mut head = [0; 8];
    for _ in 0..MAX_CHUNKS {
        reader.read_exact(&mut head)?;
        let [a, b, c, d, kind @ ..] = head;
        let length = u64::from(u32::from_be_bytes([a, b, c, d]));
        match &kind {
            b"eXIf" => blocks.take(reader, length, exif)?,
            b"tEXt" | b"zTXt" | b"iTXt" | b"iCCP" if length <= MAX_BLOCK => {
                let chunk = take(reader, length)?;
                chunk_of(kind, &chunk, blocks);
            }
            b"iTXt" => {
                let start = take(reader, XMP.len() as u64)?;
                if start == XMP {
                    blocks.too_large.push("XMP");
                }
                skip(reader, length - start.len() as u64)?;
            }
            b"IEND" => return Ok(()),
            _ => skip(reader, length)?,
        }
        skip(reader, 4)?;
    }
    Ok(())
}

fn chunk_of(kind: [u8; 4], chunk: &[u8], blocks: &mut Blocks) {
    let Some((keyword, rest)) = split(chunk) else {
        return;
    };
    match &kind {
        b"iCCP" => {
            let icc = crate::png::color::inflate(chunk).ok();
            blocks.icc = blocks.icc.take().or(icc);
        }
        b"tEXt" if raw::is_raw(keyword) => raw::put(keyword, rest, false, blocks),
        b"zTXt" if raw::is_raw(keyword) => {
            raw::put(keyword, rest.get(1..).unwrap_or_default(), true, blocks);
        }
        b"tEXt" => put(keyword, latin1(rest), blocks),
        b"zTXt" => {
            // One byte for the method.
            let text = rest.get(1..).filter(|_| is_about_rights(keyword));
            let text = text.and_then(|packed| inflated(packed, MAX_TEXT));
            if let Some(text) = text {
                put(keyword, latin1(&text), blocks);
            }
        }
        _ => {
            let limit = if keyword == XMP { MAX_BLOCK } else { MAX_TEXT };
            let wanted = keyword == XMP || is_about_rights(keyword);
            let Some(text) = international(rest, limit).filter(|_| wanted) else {
                return;
            };
            if keyword == XMP {
                blocks.xmp.get_or_insert(text);
            } else {
                put(keyword, String::from_utf8_lossy(&text).into_owned(), blocks);
            }
        }
    }
}

/// What is before the first zero, and behind it.
fn split(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.iter().position(|byte| *byte == 0)?;
    Some((bytes.get(..end)?, bytes.get(end + 1..)?))
}

/// The text of iTXt, from behind its keyword: flag, method, language, translated keyword, text.
fn international(rest: &[u8], limit: u64) -> Option<Vec<u8>> {
    let ([is_packed, _method], rest) = rest.split_first_chunk::<2>()?;
    let (_language, rest) = split(rest)?;
    let (_keyword, text) = split(rest)?;
    if *is_packed == 0 {
        Some(text.to_vec())
    } else {
        inflated(text, limit)
    }
}

fn is_about_rights(keyword: &[u8]) -> bool {
    keyword.eq_ignore_ascii_case(b"Author") || keyword.eq_ignore_ascii_case(b"Copyright")
}

fn put(keyword: &[u8], text: String, blocks: &mut Blocks) {
    let text = text.trim_matches(['\0', ' ', '\n', '\r']).to_owned();
    if text.is_empty() || text.len() as u64 > MAX_TEXT {
        return;
    }
    let texts = &mut blocks.texts;
    if keyword.eq_ignore_ascii_case(b"Author") && texts.creators.len() < MAX_TEXTS {
        texts.creators.push(text);
    } else if keyword.eq_ignore_ascii_case(b"Copyright") && texts.notices.len() < MAX_TEXTS {
        texts.notices.push(Localized::plain(text));
    }
}

/// Text of PNG is Latin-1; many writers do not know.
fn latin1(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}
