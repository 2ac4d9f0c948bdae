//! `v1/get_image_info` and `v1/get_scaled_image_info`: what an input is, from its header alone unless extras are asked for.

use imageflow_codecs::Header;
use imageflow_pixels::Size;
use imageflow_pixels::ops::Dominant;
use imageflow_types::{
    DominantColor, GetImageInfo, ImageInfo, ImageInfoData, ImageInfoExtras, PixelFormat,
};

use super::job::signed;
use super::request;
use crate::base64;
use crate::context::{Context, Response};
use crate::error::Error;
use crate::exec;
use crate::io::InputEntry;
use crate::plan::{self, Frames, Planning};

/// The natural size, after orientation.
pub(super) fn natural(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    answer(context, body, |_, header| header.oriented())
}

/// The size a decode gives when it obeys the commands told to the decoder.
pub(super) fn scaled(context: &mut Context, body: &[u8]) -> Result<Response, Error> {
    answer(context, body, InputEntry::scaled_size)
}

fn answer(
    context: &mut Context,
    body: &[u8],
    size: fn(&InputEntry, &Header) -> Size,
) -> Result<Response, Error> {
    let request: GetImageInfo = request::parse("GetImageInfo001", body, &context.control())?;
    context.apply_limits();
    let input = context.io.input(request.io_id)?;
    let header = input
        .header(&context.control())
        .map_err(|error| error.at_io(request.io_id))?;
    let size = size(input, &header);
    let extras = (!request.extras.is_empty())
        .then(|| extras(context, &request))
        .transpose()?;
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
        extras,
    };
    Response::ok(ImageInfoData { image_info })
}

/// What only pixels tell.
fn extras(context: &Context, request: &GetImageInfo) -> Result<ImageInfoExtras, Error> {
    let (io, limits, control) = (&context.io, context.limits(), &context.control());
    let planning = Planning {
        io,
        limits,
        control,
        frames: &Frames::default(),
        run: &|plan| exec::run(plan, io, limits, control).map(|_| ()),
    };
    let extras = plan::extras(request.io_id, &request.extras, planning)?;
    Ok(ImageInfoExtras {
        dominant_colors: extras
            .colors
            .map(|colors| colors.iter().map(dominant_color).collect()),
        thumbhash: extras.thumbhash.map(|bytes| base64::encode(&bytes)),
        frames: extras.frames,
    })
}

fn dominant_color(dominant: &Dominant) -> DominantColor {
    let [b, g, r, _] = dominant.color.0;
    DominantColor {
        hex: format!("#{r:02x}{g:02x}{b:02x}"),
        share: (dominant.share * 1e4).round() / 1e4,
    }
}
