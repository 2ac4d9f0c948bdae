//! Reading: the whole document, then its picture.

use std::io::{Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use imageflow_pixels::{
    Alpha, FrameInfo, JobControl, Reservation, RowSource, RowsMut, Size, StreamError,
};
use resvg::usvg::{self, ImageHrefResolver, Tree, roxmltree};

use super::draw::{self, Picture};
use super::expansion;
use crate::decoder::{DecodeOptions, Decoder, Header};
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// Bytes a document may have.
const MAX_BYTES: u64 = 32 << 20;
/// Elements and texts a document may have.
const MAX_NODES: u32 = 2_000_000;
/// Bytes for a byte of text while it is parsed.
const TEXT_BYTES: u64 = 32;
/// Bytes for an element of the tree.
const ELEMENT_BYTES: u64 = 1024;
/// A stack for what is as deep as `expansion` allows. The tree is built recursively, and debug builds have large frames.
const STACK: usize = 32 << 20;

pub(super) fn malformed(message: impl ToString) -> CodecError {
    CodecError::malformed(ImageFormat::Svg, message)
}

/// Reads an SVG document.
///
/// # Errors
/// [`CodecError::Malformed`], a read error, or the job must stop.
pub fn open(mut reader: Reader, control: &JobControl) -> Result<Box<dyn Decoder>, CodecError> {
    control.check()?;
    let bytes = reader.seek(SeekFrom::End(0)).map_err(CodecError::read)?;
    if bytes > MAX_BYTES {
        return Err(malformed(format_args!(
            "{bytes} bytes of text; at most {MAX_BYTES} are read"
        )));
    }
    let text_reservation = control.reserve(bytes.saturating_mul(TEXT_BYTES))?;
    let mut text = String::new();
    reader
        .seek(SeekFrom::Start(0))
        .and_then(|_| reader.take(MAX_BYTES).read_to_string(&mut text))
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::InvalidData => malformed("the text is not UTF-8"),
            _ => CodecError::read(error),
        })?;
    let (tree, reservation) = on_deep_stack(|| parse(&text, control))??;
    drop(text_reservation);
    let size = tree.size();
    // The casts saturate.
    let size = Size::new(size.width().ceil() as u32, size.height().ceil() as u32);
    let size = size.ok_or_else(|| malformed("a drawing without a size"))?;
    Ok(Box::new(SvgDecoder {
        header: Header {
            format: ImageFormat::Svg,
            stored: size,
            orientation: 1,
            alpha: Alpha::Meaningful,
            lossless: true,
            multiple_frames: false,
            can_shrink: false,
            can_scale: false,
            is_deep: false,
        },
        tree,
        reservation,
    }))
}

fn parse(text: &str, control: &JobControl) -> Result<(Tree, Reservation), CodecError> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        nodes_limit: MAX_NODES,
        ..roxmltree::ParsingOptions::default()
    };
    // A byte order mark is no part of the text.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let document = roxmltree::Document::parse_with_options(text, options).map_err(malformed)?;
    let elements = expansion::elements(&document).map_err(malformed)?;
    control.check()?;
    let reservation = control.reserve(elements.saturating_mul(ELEMENT_BYTES))?;
    let options = usvg::Options {
        image_href_resolver: ImageHrefResolver {
            resolve_data: Box::new(|_, _, _| None),
            resolve_string: Box::new(|_, _| None),
        },
        ..usvg::Options::default()
    };
    Ok((
        Tree::from_xmltree(&document, &options).map_err(malformed)?,
        reservation,
    ))
}

/// Runs `work` on a thread of its own and waits for it.
fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, CodecError> {
    std::thread::scope(|scope| {
        let thread = std::thread::Builder::new()
            .name("svg".to_owned())
            .stack_size(STACK)
            .spawn_scoped(scope, || catch_unwind(AssertUnwindSafe(work)))
            .map_err(CodecError::read)?;
        match thread.join() {
            Ok(Ok(result)) => Ok(result),
            _ => Err(malformed("an invariant does not hold for this drawing")),
        }
    })
}

struct SvgDecoder {
    header: Header,
    tree: Tree,
    reservation: Reservation,
}

impl Decoder for SvgDecoder {
    fn header(&self) -> &Header {
        &self.header
    }

    fn working_bytes(&self, options: &DecodeOptions) -> u64 {
        let size = options.draw_size.unwrap_or(self.header.stored);
        size.area().saturating_mul(4)
    }

    fn into_rows(
        self: Box<Self>,
        options: &DecodeOptions,
        control: &JobControl,
    ) -> Result<Box<dyn RowSource>, CodecError> {
        let size = options.draw_size.unwrap_or(self.header.stored);
        let SvgDecoder {
            header,
            tree,
            reservation,
        } = *self;
        let picture = on_deep_stack(|| draw::draw(&tree, size, control))??;
        drop((tree, reservation));
        Ok(Box::new(Rows {
            frame: FrameInfo::bgra8(size, header.alpha),
            picture,
            next: 0,
            control: control.clone(),
        }))
    }
}

struct Rows {
    frame: FrameInfo,
    picture: Picture,
    next: u32,
    control: JobControl,
}

impl RowSource for Rows {
    fn frame(&self) -> FrameInfo {
        self.frame
    }

    fn read_rows(&mut self, out: &mut RowsMut<'_>) -> Result<(), StreamError> {
        self.control.check()?;
        let width = self.frame.size.width() as usize;
        for y in out.range() {
            let start = self.next as usize * width;
            self.next += 1;
            let pixels = self.picture.pixmap.pixels().get(start..start + width);
            let targets = out.row_mut(y).as_chunks_mut::<4>().0.iter_mut();
            for (target, pixel) in targets.zip(pixels.unwrap_or_default()) {
                let straight = pixel.demultiply();
                *target = [
                    straight.blue(),
                    straight.green(),
                    straight.red(),
                    straight.alpha(),
                ];
            }
        }
        Ok(())
    }

    fn skip_rows(&mut self, count: u32) -> Result<bool, StreamError> {
        self.next += count;
        Ok(true)
    }
}
