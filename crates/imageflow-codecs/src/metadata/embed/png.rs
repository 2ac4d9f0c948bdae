//! PNG: chunks behind IHDR.

use std::io::Write;

use crate::metadata::Metadata;

pub(super) fn embedded(file: &[u8], metadata: &Metadata) -> Option<Vec<u8>> {
    const BEHIND_IHDR: usize = 8 + 8 + 13 + 4;
    let mut out = file.get(..BEHIND_IHDR)?.to_vec();
    let mut chunk = |kind: &[u8; 4], start: &[u8], block: &Option<Vec<u8>>| {
        let Some(block) = block else { return };
        let data = [&kind[..], start, block].concat();
        if let Ok(length) = u32::try_from(data.len() - 4) {
            out.extend(length.to_be_bytes());
            out.extend(&data);
            out.extend(crc32fast::hash(&data).to_be_bytes());
        }
    };
    let profile = metadata.icc.as_ref().map(|icc| {
        let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        packed.write_all(icc).and_then(|()| packed.finish())
    });
    chunk(b"iCCP", b"ICC\0\0", &profile.transpose().ok()?);
    chunk(b"eXIf", b"", &metadata.exif);
    chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0", &metadata.xmp);
    out.extend(file.get(BEHIND_IHDR..)?);
    Some(out)
}
