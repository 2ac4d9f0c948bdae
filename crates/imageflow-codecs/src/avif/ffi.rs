//! rav1d, which has the C interface of dav1d only, behind safe types.
//!
//! Pictures lie in memory that is taken from the job's budget here, so what a bitstream makes the decoder allocate is
//! accounted for, can be refused, and every new frame is a chance to stop the job. Decoding happens in the caller's thread,
//! which [`super::stream`] chooses.
//!
//! A panic inside rav1d would end the process, because its functions are `extern "C"`; there is no other way in.

use std::ffi::c_void;
use std::fmt;
use std::mem::MaybeUninit;
use std::ptr::NonNull;
use std::slice;
use std::sync::{Arc, Mutex, PoisonError};

use imageflow_pixels::rows::ROW_ALIGN;
use imageflow_pixels::{ControlError, JobControl, PictureMemory, Reservation};
use libc::c_int;
use re_rav1d::Dav1dResult;
use re_rav1d::include::dav1d::data::Dav1dData;
use re_rav1d::include::dav1d::dav1d::{Dav1dContext, Dav1dLogger, Dav1dSettings};
use re_rav1d::include::dav1d::headers::{
    DAV1D_PIXEL_LAYOUT_I400, DAV1D_PIXEL_LAYOUT_I420, DAV1D_PIXEL_LAYOUT_I422, Dav1dSequenceHeader,
};
use re_rav1d::include::dav1d::picture::{
    DAV1D_PICTURE_ALIGNMENT, Dav1dPicAllocator, Dav1dPicture, Dav1dPictureParameters,
};
use re_rav1d::src::lib::{
    dav1d_close, dav1d_data_create, dav1d_data_unref, dav1d_default_settings, dav1d_flush,
    dav1d_get_picture, dav1d_open, dav1d_picture_unref, dav1d_send_data,
};
use re_rav1d::src::send_sync_non_null::SendSyncNonNull;

use super::coding::{CodePoints, Coding, Planes, Samples, Sampling};

const AGAIN: Dav1dResult = Dav1dResult(-libc::EAGAIN);
const OK: Dav1dResult = Dav1dResult(0);

/// Bytes the decoder keeps for every pixel of a picture besides its samples: motion vectors, block levels, filter masks.
const SIDE_BYTES_PER_PIXEL: u64 = 1;
/// Bytes a decoder takes before the first picture: tables, the state of a tile and its entropy coder.
pub(super) const DECODER_BYTES: u64 = 2 << 20;

/// Why there is no picture.
#[derive(Debug)]
pub(super) enum Failure {
    /// The job must stop, or its memory does not suffice.
    Control(ControlError),
    /// The bitstream is not decodable.
    Damaged(&'static str),
}

/// An AV1 decoder.
pub(super) struct Decoder {
    context: Option<Dav1dContext>,
    memory: Arc<Memory>,
    max_pixels: u64,
    _reservation: Reservation,
}

// SAFETY: the context is an `Arc` of a type that is `Send` and `Sync`; only its raw form is not.
unsafe impl Send for Decoder {}

impl fmt::Debug for Decoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decoder")
    }
}

impl Decoder {
    /// A decoder of frames with at most `max_pixels` pixels; of a scalable stream it takes operating point 0..=31.
    ///
    /// # Errors
    /// When the job must stop or memory does not suffice.
    pub(super) fn new(
        max_pixels: u32,
        operating_point: u8,
        control: &JobControl,
    ) -> Result<Decoder, Failure> {
        let reservation = control.reserve(DECODER_BYTES).map_err(Failure::Control)?;
        let memory = Arc::new(Memory {
            control: control.clone(),
            refusal: Mutex::new(None),
        });
        let mut settings = default_settings();
        settings.n_threads = 1;
        settings.max_frame_delay = 1;
        settings.all_layers = 0;
        settings.operating_point = c_int::from(operating_point.min(31));
        settings.frame_size_limit = max_pixels.max(1);
        // SAFETY: without a callback nothing is called.
        settings.logger = unsafe { Dav1dLogger::new(None, None) };
        settings.allocator = Dav1dPicAllocator {
            cookie: Some(SendSyncNonNull::from_ref(&*memory).cast()),
            alloc_picture_callback: Some(allocate),
            release_picture_callback: Some(release),
        };
        let mut context = None;
        // SAFETY: both point to values of ours. The cookie lives in `memory`, which this decoder and every picture own.
        let result = unsafe {
            dav1d_open(
                Some(NonNull::from(&mut context)),
                Some(NonNull::from(&mut settings)),
            )
        };
        if result != OK || context.is_none() {
            return Err(Failure::Damaged("the AV1 decoder does not start"));
        }
        Ok(Decoder {
            context,
            memory,
            max_pixels: u64::from(max_pixels),
            _reservation: reservation,
        })
    }

    /// Forgets everything decoded before.
    pub(super) fn reset(&mut self) {
        if let Some(context) = self.context {
            // SAFETY: the context is open.
            unsafe { dav1d_flush(context) };
        }
    }

    /// Decodes the picture that these bytes hold: the first, when there are several. The following call may refer to it.
    ///
    /// # Errors
    /// When the bytes hold no whole picture, or the job must stop.
    pub(super) fn decode(&mut self, bytes: &[u8]) -> Result<Picture, Failure> {
        self.memory.control.check().map_err(Failure::Control)?;
        self.send(bytes)?;
        // The second call gives out what a scalable stream kept back.
        let picture = match self.next_picture()? {
            Some(picture) => picture,
            None => self
                .next_picture()?
                .ok_or(Failure::Damaged("the data hold no picture"))?,
        };
        loop {
            match self.next_picture() {
                Ok(Some(_)) => self.memory.control.check().map_err(Failure::Control)?,
                Err(Failure::Control(stop)) => return Err(Failure::Control(stop)),
                // Damage behind the picture does not harm it.
                Ok(None) | Err(Failure::Damaged(_)) => return Ok(picture),
            }
        }
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if bytes.is_empty() {
            return Err(Failure::Damaged("the picture has no data"));
        }
        let mut data = Dav1dData::default();
        // SAFETY: `data` is ours, and its length is not zero.
        let room = unsafe { dav1d_data_create(Some(NonNull::from(&mut data)), bytes.len()) };
        if room.is_null() {
            return Err(Failure::Control(ControlError::AllocationFailed {
                bytes: bytes.len() as u64,
            }));
        }
        // SAFETY: `room` was just allocated with this length, and nobody else has it.
        unsafe { room.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        // SAFETY: the context is open; `data` is ours, filled by `dav1d_data_create`. What was not taken is given back.
        let result = unsafe {
            let result = dav1d_send_data(self.context, Some(NonNull::from(&mut data)));
            dav1d_data_unref(Some(NonNull::from(&mut data)));
            result
        };
        if result == OK {
            Ok(())
        } else {
            Err(self.failure(result))
        }
    }

    fn next_picture(&mut self) -> Result<Option<Picture>, Failure> {
        let mut raw = Dav1dPicture::default();
        // SAFETY: the context is open and `raw` is ours.
        let result = unsafe { dav1d_get_picture(self.context, Some(NonNull::from(&mut raw))) };
        // Also a failure leaves something in it that must be given back, which dropping the picture does.
        let picture = Picture::new(raw, self.memory.clone());
        match result {
            OK => Ok(Some(picture?)),
            AGAIN => Ok(None),
            error => Err(self.failure(error)),
        }
    }

    fn failure(&self, result: Dav1dResult) -> Failure {
        let refusal = self
            .memory
            .refusal
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        match refusal {
            Some(refusal) => Failure::Control(refusal),
            None if result.0 == -libc::ENOMEM => {
                let bytes = self.max_pixels.saturating_mul(4);
                Failure::Control(ControlError::AllocationFailed { bytes })
            }
            None if result.0 == -libc::ERANGE => {
                Failure::Damaged("the bitstream has a larger picture than the container says")
            }
            None => Failure::Damaged("the AV1 bitstream is damaged"),
        }
    }
}

impl Drop for Decoder {
    fn drop(&mut self) {
        // SAFETY: the context is open, and this takes it.
        unsafe { dav1d_close(Some(NonNull::from(&mut self.context))) };
    }
}

fn default_settings() -> Dav1dSettings {
    let mut settings = MaybeUninit::<Dav1dSettings>::uninit();
    // SAFETY: writes all of the settings, without reading them.
    unsafe {
        dav1d_default_settings(NonNull::from(&mut settings).cast());
        settings.assume_init()
    }
}

/// A decoded picture.
pub(super) struct Picture {
    raw: Dav1dPicture,
    coding: Coding,
    /// The allocator's state must outlive the samples.
    _memory: Arc<Memory>,
}

// SAFETY: the picture is a set of `Arc`s of types that are `Send` and `Sync`, in raw form; its samples change no more.
unsafe impl Send for Picture {}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Picture")
            .field("size", &self.size())
            .field("coding", &self.coding)
            .finish()
    }
}

impl Picture {
    fn new(raw: Dav1dPicture, memory: Arc<Memory>) -> Result<Picture, Failure> {
        // SAFETY: a picture with a sequence header owns it.
        let header = raw.seq_hdr.map(|header| unsafe { header.as_ref() });
        let coding = header.map_or(Coding::NONE, |header| Coding {
            sampling: sampling(&raw.p),
            bits: u8::try_from(raw.p.bpc).unwrap_or(8),
            points: code_points(header),
        });
        let whole = header.is_some() && matches!(coding.bits, 8 | 10 | 12);
        let picture = Picture {
            raw,
            coding,
            _memory: memory,
        };
        if whole {
            Ok(picture)
        } else {
            Err(Failure::Damaged("the decoder gave an empty picture"))
        }
    }

    /// Columns and rows of luma.
    pub(super) fn size(&self) -> (u32, u32) {
        let side = |v: c_int| u32::try_from(v).unwrap_or(0);
        (side(self.raw.p.w), side(self.raw.p.h))
    }

    /// Row `y` of a plane; empty for a plane or a row that does not exist.
    pub(super) fn row(&self, plane: usize, y: u32) -> Samples<'_> {
        let (mut width, mut height) = self.size();
        if plane > 0 {
            width = if self.coding.sampling.half_columns() {
                width.div_ceil(2)
            } else {
                width
            };
            height = if self.coding.sampling.half_rows() {
                height.div_ceil(2)
            } else {
                height
            };
        }
        let absent = plane > 0 && self.coding.sampling == Sampling::Gray;
        let start = self.raw.data.get(plane).copied().flatten();
        let (Some(start), false) = (start, absent || y >= height) else {
            return Samples::Bytes(&[]);
        };
        let stride = self.raw.stride[usize::from(plane > 0)];
        // SAFETY: `allocate` laid the plane out with rows of `stride` bytes, at least `width` samples long, and more rows
        // than `height`; rows start aligned for u16, all bytes are initialised, and nobody writes them any more.
        unsafe {
            let row = start.cast::<u8>().as_ptr().offset(stride * y as isize);
            if self.coding.bits == 8 {
                Samples::Bytes(slice::from_raw_parts(row, width as usize))
            } else {
                Samples::Words(slice::from_raw_parts(row.cast(), width as usize))
            }
        }
    }
}

impl Planes for Picture {
    fn coding(&self) -> Coding {
        self.coding
    }

    fn copy_row(&self, plane: usize, y: u32, out: &mut Vec<u16>) {
        out.clear();
        self.row(plane, y).append_to(out, usize::MAX);
    }
}

impl Drop for Picture {
    fn drop(&mut self) {
        // SAFETY: the picture came from `dav1d_get_picture` and is given back once.
        unsafe { dav1d_picture_unref(Some(NonNull::from(&mut self.raw))) };
        // An empty picture is left, and in this version that owns an allocation: 48 bytes a picture, scattered over the heap.
        if let Some(empty) = self.raw.itut_t35_ref.take() {
            // SAFETY: made from an `Arc` by the call above, and taken so that nobody else can use it.
            drop(unsafe { empty.into_arc() });
        }
    }
}

fn sampling(parameters: &Dav1dPictureParameters) -> Sampling {
    match parameters.layout {
        DAV1D_PIXEL_LAYOUT_I400 => Sampling::Gray,
        DAV1D_PIXEL_LAYOUT_I420 => Sampling::Quarter,
        DAV1D_PIXEL_LAYOUT_I422 => Sampling::Half,
        _ => Sampling::Full,
    }
}

fn code_points(header: &Dav1dSequenceHeader) -> CodePoints {
    const UNSPECIFIED: u16 = 2;
    let point = |value: u32| u16::try_from(value).unwrap_or(UNSPECIFIED);
    CodePoints {
        primaries: point(header.pri),
        transfer: point(header.trc),
        matrix: point(header.mtrx),
        full_range: header.color_range != 0,
    }
}

/// What the callbacks need.
struct Memory {
    control: JobControl,
    refusal: Mutex<Option<ControlError>>,
}

impl Memory {
    fn take(&self, p: &Dav1dPictureParameters) -> Result<(Block, [isize; 2]), ControlError> {
        self.control.check()?;
        let (strides, lengths) =
            layout(p).ok_or(ControlError::AllocationFailed { bytes: u64::MAX })?;
        let bytes = lengths[0].saturating_add(lengths[1].saturating_mul(2));
        let side = (u64::from(p.w.unsigned_abs()) * u64::from(p.h.unsigned_abs()))
            .saturating_mul(SIDE_BYTES_PER_PIXEL);
        // A line more: kernels may read past the last row.
        let whole = bytes.saturating_add(DAV1D_PICTURE_ALIGNMENT as u64);
        let memory = PictureMemory::new(whole, &self.control)?;
        let reservation = self.control.reserve(side)?;
        let length = |bytes: u64| {
            usize::try_from(bytes).map_err(|_| ControlError::AllocationFailed { bytes })
        };
        let block = Block {
            memory,
            luma: length(lengths[0])?,
            chroma: length(lengths[1])?,
            _reservation: reservation,
        };
        Ok((block, strides))
    }
}

const _: () = assert!(DAV1D_PICTURE_ALIGNMENT <= ROW_ALIGN);

/// The samples of one picture: the luma plane, then two chroma planes.
struct Block {
    memory: PictureMemory,
    luma: usize,
    chroma: usize,
    _reservation: Reservation,
}

/// Bytes between the rows, and bytes of a plane, of luma and of chroma.
///
/// rav1d wants sides in multiples of 128 luma samples and rows in multiples of 64 bytes. A row of a multiple of 1024 bytes
/// would make the rows of a block compete for the same cache lines.
fn layout(p: &Dav1dPictureParameters) -> Option<([isize; 2], [u64; 2])> {
    let align = |v: c_int| u64::try_from(v).ok().map(|v| v.next_multiple_of(128));
    let spread = |stride: u64| {
        if stride > 0 && stride.is_multiple_of(1024) {
            stride + DAV1D_PICTURE_ALIGNMENT as u64
        } else {
            stride
        }
    };
    let (columns, rows) = (align(p.w)?, align(p.h)?);
    let row = if p.bpc > 8 { columns * 2 } else { columns };
    let (chroma_row, chroma_rows) = match sampling(p) {
        Sampling::Gray => (0, 0),
        Sampling::Quarter => (row / 2, rows / 2),
        Sampling::Half => (row / 2, rows),
        Sampling::Full => (row, rows),
    };
    let strides = [spread(row), spread(chroma_row)];
    Some((
        [
            isize::try_from(strides[0]).ok()?,
            isize::try_from(strides[1]).ok()?,
        ],
        [
            strides[0].checked_mul(rows)?,
            strides[1].checked_mul(chroma_rows)?,
        ],
    ))
}

/// # Safety
/// Called by rav1d: `picture` has its parameters set, `cookie` is a [`Memory`].
unsafe extern "C" fn allocate(
    picture: *mut Dav1dPicture,
    cookie: Option<SendSyncNonNull<c_void>>,
) -> Dav1dResult {
    const NO_MEMORY: Dav1dResult = Dav1dResult(-libc::ENOMEM);
    let Some(cookie) = cookie else {
        return NO_MEMORY;
    };
    let cookie = cookie.cast::<Memory>();
    // SAFETY: the cookie of our settings, alive as long as a decoder or a picture is.
    let memory = unsafe { cookie.as_ref() };
    // SAFETY: rav1d hands over a picture nobody else refers to.
    let picture = unsafe { &mut *picture };
    match memory.take(&picture.p) {
        Ok((block, strides)) => {
            let mut block = Box::new(block);
            let start = block.memory.as_mut_ptr();
            let (luma, chroma) = (block.luma, block.chroma);
            let plane = |offset: usize, length: usize| {
                // SAFETY: the planes lie one after the other in the block.
                let at = unsafe { start.add(offset) };
                NonNull::new(at.cast::<c_void>()).filter(|_| length > 0)
            };
            picture.data = [
                plane(0, luma),
                plane(luma, chroma),
                plane(luma + chroma, chroma),
            ];
            picture.stride = strides;
            picture.allocator_data = Some(SendSyncNonNull::from_box(block).cast());
            OK
        }
        Err(refusal) => {
            *memory
                .refusal
                .lock()
                .unwrap_or_else(PoisonError::into_inner) = Some(refusal);
            NO_MEMORY
        }
    }
}

/// # Safety
/// Called by rav1d: `picture` came from [`allocate`] and is released once.
unsafe extern "C" fn release(picture: *mut Dav1dPicture, _cookie: Option<SendSyncNonNull<c_void>>) {
    // SAFETY: as `allocate` left it.
    let block = unsafe { (*picture).allocator_data.take() };
    if let Some(block) = block {
        // SAFETY: `allocate` made it of a box of this type.
        drop(unsafe { block.cast::<Block>().into_box() });
    }
}
