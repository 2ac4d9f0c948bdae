//! `v1/get_image_info` and `v1/get_scaled_image_info`: what an input is, from its header alone.

use imageflow_codecs::Header;
use imageflow_pixels::Size;
use imageflow_types::{GetImageInfo, ImageInfo, ImageInfoData, PixelFormat};

use super::job::signed;
use super::request;
use crate::context::{Context, Response};
use crate::error::Error;
use crate::io::InputEntry;

/// The natural size, after orientation.
pub(super) fn natural(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    answer(context, body, |_, header| header.oriented())
}

/// The size a decode gives when it obeys the commands told to the decoder.
pub(super) fn scaled(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    answer(context, body, InputEntry::scaled_size)
}

fn answer(
    context: &Context,
    body: &[u8],
    size: fn(&InputEntry, &Header) -> Size,
) -> Result<Response, Error> {
    let request: GetImageInfo = request::parse("GetImageInfo001", body)?;
    let input = context.io.input(request.io_id)?;
    let header = input
        .header(&context.control())
        .map_err(|error| error.at_io(request.io_id))?;
    let size = size(input, &header);
    let image_info = ImageInfo {
        preferred_mime_type: header.format.mime().to_owned(),
        preferred_extension: header.format.extension().to_owned(),
        image_width: signed(size.width()),
        image_height: signed(size.height()),
        frame_decodes_into: if header.alpha.is_meaningful() {
            PixelFormat::Bgra32
        } else {
            PixelFormat::Bgr32
        },
        // 2.x calls no animation lossless.
        lossless: header.lossless && !header.multiple_frames,
        multiple_frames: header.multiple_frames,
    };
    Response::ok(ImageInfoData { image_info })
}
