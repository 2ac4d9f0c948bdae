//! mozjpeg's compressor behind one safe function, and the state it shares with jpegli (same libjpeg 6.2 structures).
//!
//! Everything C points to lives in one pinned heap allocation, [`State`]. The output goes through a fixed chunk to a
//! [`Drain`]; a `FALSE` from the output callback makes the library report an error, whose reason the drain keeps.
//! mozjpeg-sys compiles its C with `-fexceptions` (feature `unwinding`), so leaving through `error_exit` by unwinding is
//! defined (`C-unwind`); it is caught here, in one place.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

use imageflow_pixels::ControlError;
use mozjpeg_sys::{
    J_COLOR_SPACE, JBOOLEAN_OPTIMIZE_SCANS, JCP_FASTEST, JCP_MAX_COMPRESSION,
    JINT_COMPRESS_PROFILE, JPEG_LIB_VERSION, boolean, c_int, c_void, jpeg_CreateCompress,
    jpeg_c_set_bool_param, jpeg_c_set_int_param, jpeg_common_struct, jpeg_compress_struct,
    jpeg_destination_mgr, jpeg_destroy_compress, jpeg_error_mgr, jpeg_finish_compress,
    jpeg_progress_mgr, jpeg_set_defaults, jpeg_set_quality, jpeg_simple_progression,
    jpeg_start_compress, jpeg_std_error, jpeg_write_scanlines,
};

use super::encode::Picture;
use super::encode_drain::Drain;
use super::sampling::Sampling;
use crate::error::CodecError;
use crate::format::ImageFormat;

unsafe extern "C" {
    pub(super) static imageflow_mozjpeg_out_of_memory: c_int;
}

/// Bytes handed to the output at a time.
const CHUNK: usize = 32 * 1024;
/// Rows handed to the library at a time; the job is polled in between.
pub(super) const BATCH: usize = 16;

/// What mozjpeg is asked to do.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Settings {
    /// libjpeg-turbo's algorithms and Annex-K tables instead of trellis quantisation and mozjpeg's table.
    pub(super) classic: bool,
    pub(super) quality: u8,
    pub(super) progressive: bool,
    pub(super) optimize_huffman: bool,
}

/// Compresses a picture with mozjpeg.
///
/// # Errors
/// What the library says, or why the drain refused bytes.
pub(super) fn compress(
    settings: &Settings,
    picture: &Picture<'_>,
    drain: &mut Drain,
) -> Result<(), CodecError> {
    let mut compressor = Compressor(State::new(drain));
    let state: *mut State<'_> = &mut *compressor.0;
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        // SAFETY: `state` is valid, not moved while the library holds pointers into it, and used by this thread only.
        unsafe { run(state, settings, picture) }
    }));
    drop(compressor);
    match outcome {
        Ok(()) => drain.result(),
        Err(payload) if payload.is::<Stopped>() => Err(stop_reason(drain)),
        // Not ours: a defect on the Rust side of a callback.
        Err(payload) => resume_unwind(payload),
    }
}

/// Why the library stopped.
pub(super) fn stop_reason(drain: &mut Drain) -> CodecError {
    drain
        .result()
        .err()
        .unwrap_or_else(|| CodecError::encode(ImageFormat::Jpeg, "stopped without a reason"))
}

/// The payload of the unwinding that leaves C.
struct Stopped;

fn stop() -> ! {
    let payload: Box<dyn Any + Send> = Box::new(Stopped);
    // Does not run the panic hook: this is control flow, nothing is printed.
    resume_unwind(payload)
}

/// The whole life of a mozjpeg compressor except its destruction.
///
/// # Safety
/// `state` must be valid and stay in place until the compressor is destroyed.
unsafe fn run(state: *mut State<'_>, settings: &Settings, picture: &Picture<'_>) {
    // SAFETY: `state` is valid by contract. The calls follow libjpeg's order: error manager, create, parameters, start,
    // rows, finish. `comp_info` has `num_components` entries after `jpeg_set_defaults`. Row pointers are to `width *
    // components` samples each, as `image_width` and `input_components` say.
    unsafe {
        (*state).cinfo.common.err = jpeg_std_error(&mut (*state).error);
        (*state).error.error_exit = Some(error_exit);
        State::prepare(state);
        jpeg_CreateCompress(
            &raw mut (*state).cinfo,
            JPEG_LIB_VERSION,
            size_of::<jpeg_compress_struct>(),
        );
        State::attach(state, picture);
        (*state).progress.progress_monitor = Some(progress_monitor);
        (*state).cinfo.common.progress = &raw mut (*state).progress;

        let cinfo = &raw mut (*state).cinfo;
        let profile = if settings.classic {
            JCP_FASTEST
        } else {
            JCP_MAX_COMPRESSION
        };
        jpeg_c_set_int_param(&mut *cinfo, JINT_COMPRESS_PROFILE, profile as c_int);
        jpeg_set_defaults(&mut *cinfo);
        jpeg_set_quality(&mut *cinfo, c_int::from(settings.quality), 1);
        if let Some(sampling) = picture.sampling {
            State::set_sampling(state, sampling);
        }
        (*cinfo).optimize_coding = boolean::from(settings.optimize_huffman);
        if !settings.progressive {
            jpeg_c_set_bool_param(&mut *cinfo, JBOOLEAN_OPTIMIZE_SCANS, 0);
            (*cinfo).num_scans = 0;
            (*cinfo).scan_info = ptr::null();
        } else if settings.classic {
            jpeg_simple_progression(&mut *cinfo);
        }
        jpeg_start_compress(&mut *cinfo, 1);
        let mut rows = picture.rows().map(<[u8]>::as_ptr);
        loop {
            let mut batch = [ptr::null(); BATCH];
            let count = batch
                .iter_mut()
                .zip(&mut rows)
                .map(|(slot, row)| *slot = row)
                .count();
            if count == 0 {
                break;
            }
            let taken = jpeg_write_scanlines(&mut *cinfo, batch.as_ptr(), count as u32);
            if taken as usize != count || !(*state).drain.may_continue() {
                stop();
            }
        }
        jpeg_finish_compress(&mut *cinfo);
    }
}

/// Owns a mozjpeg compressor and destroys it.
struct Compressor<'d>(Box<State<'d>>);

impl Drop for Compressor<'_> {
    fn drop(&mut self) {
        // SAFETY: the compressor was created or is still zeroed; `jpeg_destroy_compress` accepts both, also after an error.
        unsafe { jpeg_destroy_compress(&mut self.0.cinfo) }
    }
}

/// Everything a compressor points to.
pub(super) struct State<'d> {
    pub(super) cinfo: jpeg_compress_struct,
    pub(super) error: jpeg_error_mgr,
    destination: jpeg_destination_mgr,
    progress: jpeg_progress_mgr,
    chunk: Vec<u8>,
    pub(super) drain: &'d mut Drain,
}

impl<'d> State<'d> {
    pub(super) fn new(drain: &'d mut Drain) -> Box<State<'d>> {
        // SAFETY: these C structures hold integers, raw pointers, nullable function pointers and enums with a zero
        // variant: all-zero bytes are a valid value of each.
        let (cinfo, error, progress) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed()) };
        let destination = jpeg_destination_mgr {
            next_output_byte: ptr::null_mut(),
            free_in_buffer: 0,
            init_destination: Some(init_destination),
            empty_output_buffer: Some(empty_output_buffer),
            term_destination: Some(term_destination),
        };
        Box::new(State {
            cinfo,
            error,
            destination,
            progress,
            chunk: vec![0; CHUNK],
            drain,
        })
    }

    /// Lets callbacks find the state and keeps the library from printing; after its error manager has its defaults.
    ///
    /// # Safety
    /// `state` must be valid and stay in place.
    pub(super) unsafe fn prepare(state: *mut State<'_>) {
        // SAFETY: valid by contract.
        unsafe {
            (*state).cinfo.common.client_data = state.cast::<c_void>();
            (*state).error.emit_message = Some(emit_nothing);
            (*state).error.output_message = Some(output_nothing);
        }
    }

    /// Connects the output and describes the picture, after creation.
    ///
    /// # Safety
    /// `state` must be valid and stay in place.
    pub(super) unsafe fn attach(state: *mut State<'_>, picture: &Picture<'_>) {
        // SAFETY: valid by contract.
        unsafe {
            (*state).cinfo.dest = &raw mut (*state).destination;
            (*state).cinfo.image_width = picture.width;
            (*state).cinfo.image_height = picture.height;
            (*state).cinfo.input_components = c_int::from(picture.components());
            (*state).cinfo.in_color_space = if picture.components() == 1 {
                J_COLOR_SPACE::JCS_GRAYSCALE
            } else {
                J_COLOR_SPACE::JCS_RGB
            };
        }
    }

    /// Sets the sampling factors of a three-component picture.
    ///
    /// # Safety
    /// `state` must be valid and its defaults set for three components.
    pub(super) unsafe fn set_sampling(state: *mut State<'_>, sampling: Sampling) {
        // SAFETY: `comp_info` points to at least `num_components` entries once defaults are set.
        let components = unsafe { std::slice::from_raw_parts_mut((*state).cinfo.comp_info, 3) };
        for (component, factors) in components.iter_mut().zip(sampling.components()) {
            component.h_samp_factor = c_int::from(factors.horizontal);
            component.v_samp_factor = c_int::from(factors.vertical);
        }
    }

    /// What the library says about the error it just reported.
    ///
    /// # Safety
    /// `state` must be valid and have reported an error.
    #[cfg(jpegli)]
    pub(super) unsafe fn message(state: *mut State<'_>) -> String {
        // SAFETY: valid by contract; its error manager is part of it.
        unsafe { message(&raw mut (*state).cinfo.common) }
    }
}

/// Formats the last message of a compressor.
///
/// # Safety
/// `common` must have a valid error manager.
pub(super) unsafe fn message(common: *mut jpeg_common_struct) -> String {
    // JMSG_LENGTH_MAX is 200; the binding declares an 80-byte shared reference, so the pointer is used with its C type.
    type FormatMessage = unsafe extern "C-unwind" fn(*mut jpeg_common_struct, *mut u8);
    let mut text = [0u8; 256];
    // SAFETY: the error manager is valid by contract. Both function types have the C signature `void (j_common_ptr, char *)`.
    unsafe {
        if let Some(format) = (*(*common).err).format_message {
            let format: FormatMessage = std::mem::transmute(format);
            format(common, text.as_mut_ptr());
        }
    }
    let end = text.iter().position(|b| *b == 0).unwrap_or(text.len());
    String::from_utf8_lossy(&text[..end]).into_owned()
}

/// The state a callback belongs to; none before [`State::prepare`].
fn state_of<'a>(common: &jpeg_common_struct) -> Option<ptr::NonNull<State<'a>>> {
    ptr::NonNull::new(common.client_data.cast::<State<'a>>())
}

unsafe extern "C-unwind" fn error_exit(common: &mut jpeg_common_struct) {
    // SAFETY: called by the library with its own compressor, whose error manager is valid.
    let (text, code) = unsafe { (message(common), (*common.err).msg_code) };
    if let Some(state) = state_of(common) {
        // SAFETY: `prepare` stored the valid state of this compressor; `drain` does not overlap `common`. The code is a
        // constant of C.
        unsafe {
            let state = state.as_ptr();
            let error = if code == imageflow_mozjpeg_out_of_memory {
                let (width, height) = ((*state).cinfo.image_width, (*state).cinfo.image_height);
                let bytes = u64::from(width) * u64::from(height) * 2;
                ControlError::AllocationFailed { bytes }.into()
            } else {
                CodecError::encode(ImageFormat::Jpeg, text)
            };
            (*state).drain.fail(error);
        }
    }
    stop()
}

unsafe extern "C-unwind" fn emit_nothing(_: &mut jpeg_common_struct, _: c_int) {}

unsafe extern "C-unwind" fn output_nothing(_: &mut jpeg_common_struct) {}

unsafe extern "C-unwind" fn progress_monitor(common: &mut jpeg_common_struct) {
    let Some(state) = state_of(common) else {
        return;
    };
    // SAFETY: as in `error_exit`.
    if !unsafe { (*state.as_ptr()).drain.may_continue() } {
        stop()
    }
}

unsafe extern "C-unwind" fn init_destination(cinfo: &mut jpeg_compress_struct) {
    let Some(state) = state_of(&cinfo.common) else {
        return;
    };
    // SAFETY: `prepare` stored the valid state of this compressor; `chunk` and `destination` do not overlap `cinfo`.
    unsafe { rewind(state.as_ptr()) }
}

unsafe extern "C-unwind" fn empty_output_buffer(cinfo: &mut jpeg_compress_struct) -> boolean {
    let Some(state) = state_of(&cinfo.common) else {
        return 0;
    };
    let state = state.as_ptr();
    // SAFETY: as in `init_destination`. libjpeg calls this when the whole chunk is full, whatever the counters say.
    unsafe {
        let chunk = &(*state).chunk;
        let pushed = (*state).drain.push(chunk);
        rewind(state);
        boolean::from(pushed)
    }
}

unsafe extern "C-unwind" fn term_destination(cinfo: &mut jpeg_compress_struct) {
    let Some(state) = state_of(&cinfo.common) else {
        return;
    };
    let state = state.as_ptr();
    // SAFETY: as in `init_destination`.
    unsafe {
        let chunk = &(*state).chunk;
        let filled = chunk
            .len()
            .saturating_sub((*state).destination.free_in_buffer);
        // A refusal is kept in the drain and seen by whoever called finish.
        (*state).drain.push(&chunk[..filled]);
    }
}

/// Makes the whole chunk free.
///
/// # Safety
/// `state` must be valid.
unsafe fn rewind(state: *mut State<'_>) {
    // SAFETY: valid by contract.
    unsafe {
        let chunk = &mut (*state).chunk;
        (*state).destination.next_output_byte = chunk.as_mut_ptr();
        (*state).destination.free_in_buffer = chunk.len();
    }
}
