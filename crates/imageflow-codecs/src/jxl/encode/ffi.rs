//! libjxl's encoder behind one safe function.
//!
//! The declarations are those of `jxl/encode.h` 0.11 that are used here. libjxl hands its work in tasks to a runner; ours looks
//! at the job's deadline before each. No Rust code unwinds through C++: the runner answers with a number. libjxl is compiled
//! without exceptions.

use std::ffi::{c_int, c_void};
use std::ptr::{self, NonNull};

use imageflow_pixels::{ControlError, FrameInfo, JobControl, RowBuf};

use super::channels::Channels;
use super::{Drain, PIECE, failed};
use crate::error::CodecError;
use crate::jxl::JxlSettings;

/// Bytes per pixel libjxl holds: 70 were seen up to effort 7 and 250 at effort 9, both lossy, 2 megapixels.
const PIXEL_BYTES: u64 = 100;
const THOROUGH_PIXEL_BYTES: u64 = 300;
const THOROUGH: u8 = 8;
const FIXED_BYTES: u64 = 8 << 20;
/// The range of distances libjxl takes for lossy files.
const DISTANCE: (f32, f32) = (0.01, 25.0);

#[repr(C)]
struct BasicInfo {
    have_container: c_int,
    xsize: u32,
    ysize: u32,
    bits_per_sample: u32,
    exponent_bits_per_sample: u32,
    intensity_target: f32,
    min_nits: f32,
    relative_to_max_display: c_int,
    linear_below: f32,
    uses_original_profile: c_int,
    have_preview: c_int,
    have_animation: c_int,
    orientation: c_int,
    num_color_channels: u32,
    num_extra_channels: u32,
    alpha_bits: u32,
    alpha_exponent_bits: u32,
    alpha_premultiplied: c_int,
    preview: [u32; 2],
    animation: [u32; 4],
    intrinsic_size: [u32; 2],
    padding: [u8; 100],
}

#[repr(C)]
struct ColorEncoding {
    color_space: c_int,
    white_point: c_int,
    white_point_xy: [f64; 2],
    primaries: c_int,
    primaries_xy: [[f64; 2]; 3],
    transfer_function: c_int,
    gamma: f64,
    rendering_intent: c_int,
}

#[repr(C)]
struct PixelFormat {
    num_channels: u32,
    data_type: c_int,
    endianness: c_int,
    align: usize,
}

#[repr(C)]
struct RawEncoder {
    _opaque: [u8; 0],
}

#[repr(C)]
struct FrameSettings {
    _opaque: [u8; 0],
}

type RunInit = unsafe extern "C" fn(work: *mut c_void, threads: usize) -> c_int;
type RunTask = unsafe extern "C" fn(work: *mut c_void, value: u32, thread: usize);
type Runner = unsafe extern "C" fn(
    opaque: *mut c_void,
    work: *mut c_void,
    init: RunInit,
    task: RunTask,
    start: u32,
    end: u32,
) -> c_int;

unsafe extern "C" {
    fn JxlEncoderCreate(memory_manager: *const c_void) -> *mut RawEncoder;
    fn JxlEncoderDestroy(encoder: *mut RawEncoder);
    fn JxlEncoderGetError(encoder: *mut RawEncoder) -> c_int;
    fn JxlEncoderSetParallelRunner(
        encoder: *mut RawEncoder,
        runner: Runner,
        opaque: *mut c_void,
    ) -> c_int;
    fn JxlEncoderInitBasicInfo(info: *mut BasicInfo);
    fn JxlEncoderSetBasicInfo(encoder: *mut RawEncoder, info: *const BasicInfo) -> c_int;
    fn JxlColorEncodingSetToSRGB(encoding: *mut ColorEncoding, gray: c_int);
    fn JxlEncoderSetColorEncoding(
        encoder: *mut RawEncoder,
        encoding: *const ColorEncoding,
    ) -> c_int;
    fn JxlEncoderFrameSettingsCreate(
        encoder: *mut RawEncoder,
        source: *const FrameSettings,
    ) -> *mut FrameSettings;
    fn JxlEncoderFrameSettingsSetOption(
        settings: *mut FrameSettings,
        option: c_int,
        value: i64,
    ) -> c_int;
    fn JxlEncoderSetFrameLossless(settings: *mut FrameSettings, lossless: c_int) -> c_int;
    fn JxlEncoderSetFrameDistance(settings: *mut FrameSettings, distance: f32) -> c_int;
    fn JxlEncoderAddImageFrame(
        settings: *const FrameSettings,
        format: *const PixelFormat,
        buffer: *const c_void,
        size: usize,
    ) -> c_int;
    fn JxlEncoderCloseInput(encoder: *mut RawEncoder);
    fn JxlEncoderProcessOutput(
        encoder: *mut RawEncoder,
        next_out: *mut *mut u8,
        avail_out: *mut usize,
    ) -> c_int;
}

const SUCCESS: c_int = 0;
const NEED_MORE_OUTPUT: c_int = 2;
const ERROR_OUT_OF_MEMORY: c_int = 2;
const OPTION_EFFORT: c_int = 0;
const TYPE_UINT8: c_int = 2;
const NATIVE_ENDIAN: c_int = 0;
const RUNNER_ERROR: c_int = -1;

/// Bytes held while a frame is encoded, the frame itself not counted.
pub(super) fn working_bytes(settings: &JxlSettings, frame: &FrameInfo) -> u64 {
    let per_pixel = if settings.effort >= THOROUGH {
        THOROUGH_PIXEL_BYTES
    } else {
        PIXEL_BYTES
    };
    FIXED_BYTES.saturating_add(frame.size.area().saturating_mul(per_pixel))
}

/// Encodes a whole frame of B, G, R, A.
///
/// # Errors
/// What libjxl says, or why the drain refused bytes, or that the job must stop.
pub(super) fn encode(
    frame: &RowBuf,
    settings: &JxlSettings,
    drain: &mut Drain<'_>,
) -> Result<(), CodecError> {
    drain.control.check()?;
    let info = frame.info();
    let _reservation = drain.control.reserve(working_bytes(settings, info))?;
    let channels = Channels::of(frame, drain.control)?;
    let samples = channels.samples(frame, info.size.width(), info.size.height(), drain.control)?;
    let mut encoder = Encoder::new(drain.control)?;
    encoder.describe(info, channels, settings)?;
    encoder.add_frame(&samples, channels, settings)?;
    drop(samples);
    encoder.write(drain)
}

/// What the runner is told.
struct Job {
    control: JobControl,
    stopped: Option<ControlError>,
}

/// Owns an encoder of libjxl.
struct Encoder {
    raw: NonNull<RawEncoder>,
    /// Boxed by hand: the runner reaches it through a pointer while the encoder lives.
    job: NonNull<Job>,
}

impl Drop for Encoder {
    fn drop(&mut self) {
        // SAFETY: both come from `new`, nothing else frees them, and the encoder goes first because its runner uses the job.
        unsafe {
            JxlEncoderDestroy(self.raw.as_ptr());
            drop(Box::from_raw(self.job.as_ptr()));
        }
    }
}

impl Encoder {
    fn new(control: &JobControl) -> Result<Encoder, CodecError> {
        // SAFETY: null asks for malloc and free.
        let raw = NonNull::new(unsafe { JxlEncoderCreate(ptr::null()) });
        let raw = raw.ok_or(ControlError::AllocationFailed { bytes: FIXED_BYTES })?;
        let job = NonNull::from(Box::leak(Box::new(Job {
            control: control.clone(),
            stopped: None,
        })));
        let encoder = Encoder { raw, job };
        // SAFETY: the job outlives the encoder; see `drop`.
        encoder.check(unsafe {
            JxlEncoderSetParallelRunner(raw.as_ptr(), run, job.as_ptr().cast())
        })?;
        Ok(encoder)
    }

    /// The error behind a status that is not success.
    fn check(&self, status: c_int) -> Result<(), CodecError> {
        if status == SUCCESS {
            return Ok(());
        }
        // SAFETY: the runner, the only other user of the job, runs inside of calls of libjxl only.
        if let Some(stopped) = unsafe { (*self.job.as_ptr()).stopped.take() } {
            return Err(stopped.into());
        }
        // SAFETY: the encoder lives.
        match unsafe { JxlEncoderGetError(self.raw.as_ptr()) } {
            ERROR_OUT_OF_MEMORY => Err(ControlError::AllocationFailed { bytes: 0 }.into()),
            code => Err(failed(format_args!("libjxl gave up (error {code:#x})"))),
        }
    }

    fn describe(
        &mut self,
        frame: &FrameInfo,
        channels: Channels,
        settings: &JxlSettings,
    ) -> Result<(), CodecError> {
        // SAFETY: a structure of plain numbers; zero is a value of each.
        let mut info: BasicInfo = unsafe { std::mem::zeroed() };
        // SAFETY: `info` has the layout of the header.
        unsafe { JxlEncoderInitBasicInfo(&mut info) };
        (info.xsize, info.ysize) = (frame.size.width(), frame.size.height());
        info.bits_per_sample = 8;
        info.num_color_channels = if channels.gray { 1 } else { 3 };
        info.num_extra_channels = u32::from(channels.alpha);
        info.alpha_bits = if channels.alpha { 8 } else { 0 };
        info.uses_original_profile = c_int::from(settings.is_lossless());
        // SAFETY: the encoder lives; the structure is read during the call.
        self.check(unsafe { JxlEncoderSetBasicInfo(self.raw.as_ptr(), &info) })?;
        // SAFETY: a structure of plain numbers; zero is a value of each.
        let mut encoding: ColorEncoding = unsafe { std::mem::zeroed() };
        // SAFETY: `encoding` has the layout of the header.
        unsafe { JxlColorEncodingSetToSRGB(&mut encoding, c_int::from(channels.gray)) };
        // SAFETY: the encoder lives; the structure is read during the call.
        self.check(unsafe { JxlEncoderSetColorEncoding(self.raw.as_ptr(), &encoding) })
    }

    fn add_frame(
        &mut self,
        samples: &[u8],
        channels: Channels,
        settings: &JxlSettings,
    ) -> Result<(), CodecError> {
        // SAFETY: the encoder lives and owns what it returns.
        let frame = unsafe { JxlEncoderFrameSettingsCreate(self.raw.as_ptr(), ptr::null()) };
        if frame.is_null() {
            return Err(ControlError::AllocationFailed { bytes: FIXED_BYTES }.into());
        }
        let effort = i64::from(settings.effort.clamp(1, 9));
        // SAFETY: `frame` lives as long as the encoder.
        self.check(unsafe { JxlEncoderFrameSettingsSetOption(frame, OPTION_EFFORT, effort) })?;
        let status = if settings.is_lossless() {
            // SAFETY: as above.
            unsafe { JxlEncoderSetFrameLossless(frame, 1) }
        } else {
            let distance = settings.distance.clamp(DISTANCE.0, DISTANCE.1);
            // SAFETY: as above.
            unsafe { JxlEncoderSetFrameDistance(frame, distance) }
        };
        self.check(status)?;
        let format = PixelFormat {
            num_channels: channels.count(),
            data_type: TYPE_UINT8,
            endianness: NATIVE_ENDIAN,
            align: 0,
        };
        // SAFETY: `samples` has rows of `num_channels` bytes per pixel; libjxl checks its length against the size it knows and
        // copies it.
        self.check(unsafe {
            JxlEncoderAddImageFrame(frame, &format, samples.as_ptr().cast(), samples.len())
        })?;
        // SAFETY: the encoder lives.
        unsafe { JxlEncoderCloseInput(self.raw.as_ptr()) };
        Ok(())
    }

    fn write(&mut self, drain: &mut Drain<'_>) -> Result<(), CodecError> {
        let mut piece = vec![0; PIECE];
        loop {
            let mut next = piece.as_mut_ptr();
            let mut free = piece.len();
            // SAFETY: `next` and `free` describe the piece.
            let status =
                unsafe { JxlEncoderProcessOutput(self.raw.as_ptr(), &mut next, &mut free) };
            if status != NEED_MORE_OUTPUT {
                self.check(status)?;
            }
            let written = piece.len().saturating_sub(free);
            drain.push(piece.get(..written).unwrap_or_default())?;
            if status == SUCCESS {
                return Ok(());
            }
        }
    }
}

/// Runs tasks `start..end` one after the other.
///
/// # Safety
/// As libjxl calls it: `opaque` is the [`Job`] it was set with, the rest is libjxl's own.
unsafe extern "C" fn run(
    opaque: *mut c_void,
    work: *mut c_void,
    init: RunInit,
    task: RunTask,
    start: u32,
    end: u32,
) -> c_int {
    // SAFETY: the pointer set in `Encoder::new`; nobody else looks at the job during a call of libjxl.
    let job = unsafe { &mut *opaque.cast::<Job>() };
    // SAFETY: `work` belongs to `init` and `task`; one thread is announced and used.
    let status = unsafe { init(work, 1) };
    if status != SUCCESS {
        return status;
    }
    for value in start..end {
        if let Err(stopped) = job.control.check() {
            job.stopped = Some(stopped);
            return RUNNER_ERROR;
        }
        // SAFETY: as above, for a value in the range asked for.
        unsafe { task(work, value, 0) };
    }
    SUCCESS
}

/// Sizes of the structures on targets with 64 bits, from a C compiler and the headers.
#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<BasicInfo>() == 204);
    assert!(size_of::<ColorEncoding>() == 104);
    assert!(size_of::<PixelFormat>() == 24);
};
