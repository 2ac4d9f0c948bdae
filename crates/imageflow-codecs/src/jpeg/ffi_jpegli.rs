//! jpegli's compressor behind one safe function.
//!
//! jpegli is C++; `native/jpegli_shim.cc` wraps each call so that no exception leaves it. jpegli has the structures of
//! libjpeg 6.2, so the state and the output callbacks are those of `ffi_encode`, and it checks the structure's size itself.
//! No Rust code unwinds through C++: callbacks answer yes or no.

use std::ptr;

use mozjpeg_sys::{
    JPEG_LIB_VERSION, boolean, c_int, c_uint, c_void, jpeg_common_struct, jpeg_compress_struct,
    jpeg_error_mgr, jpeg_progress_mgr, jpeg_scan_info,
};

use super::encode::Picture;
use super::encode_drain::Drain;
use super::ffi_encode::{BATCH, State, stop_reason};
use crate::error::CodecError;
use crate::format::ImageFormat;
use imageflow_pixels::{ControlError, PictureMemory};

// Brings jpegli's native library into the link; its Rust API knows neither gray nor 4:4:0 nor strict baseline.
extern crate jpegli_rust as _;

unsafe extern "C-unwind" {
    fn imageflow_jpegli_error_exit(common: &mut jpeg_common_struct);
}

unsafe extern "C" {
    fn jpegli_std_error(error: *mut jpeg_error_mgr) -> *mut jpeg_error_mgr;
    fn imageflow_jpegli_create(cinfo: *mut c_void, version: c_int, size: usize) -> c_int;
    fn imageflow_jpegli_watch(cinfo: *mut c_void, watch: *mut c_void);
    fn imageflow_jpegli_set_defaults(cinfo: *mut c_void) -> c_int;
    fn imageflow_jpegli_set_distance(
        cinfo: *mut c_void,
        distance: f32,
        force_baseline: c_int,
    ) -> c_int;
    fn imageflow_jpegli_start(cinfo: *mut c_void, progressive_level: c_int) -> c_int;
    fn imageflow_jpegli_write(
        cinfo: *mut c_void,
        rows: *const *const u8,
        count: c_uint,
        taken: *mut c_uint,
    ) -> c_int;
    fn imageflow_jpegli_finish(cinfo: *mut c_void) -> c_int;
    fn imageflow_jpegli_destroy(cinfo: *mut c_void) -> c_int;
}

/// What jpegli says, behind the line of its source.
const OUT_OF_MEMORY: &str = "Out of memory";

/// What the shim asks whenever jpegli reports progress or fetches a row of coefficients.
#[repr(C)]
struct Watch {
    progress: jpeg_progress_mgr,
    may_continue: unsafe extern "C" fn(state: *mut c_void) -> c_int,
    state: *mut c_void,
    /// Memory for large allocations, from `spare` to `spare_end`.
    spare: *mut u8,
    spare_end: *mut u8,
    /// The shim's: jpegli's own access to coefficients, and its own allocation.
    access_blocks: *const c_void,
    allocate: *const c_void,
}

/// # Safety
/// `state` must point to the valid state of the compressor that asks.
unsafe extern "C" fn may_continue(state: *mut c_void) -> c_int {
    // SAFETY: valid by contract; the library works on `cinfo` meanwhile, which `drain` does not overlap.
    c_int::from(unsafe { (*state.cast::<State<'_>>()).drain.may_continue() })
}

/// One scan of a progressive file: components and zigzag range, without successive approximation.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Scan {
    pub(super) components: &'static [u8],
    pub(super) first: u8,
    pub(super) last: u8,
}

/// What jpegli is asked to do.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Settings<'a> {
    /// Butteraugli distance aimed at.
    pub(super) distance: f32,
    /// Scans of a progressive file; empty for baseline.
    pub(super) scans: &'a [Scan],
}

/// Compresses a picture with jpegli, which takes its large allocations from `memory` as far as it goes.
///
/// # Errors
/// What the library says, or why the drain refused bytes.
pub(super) fn compress(
    settings: &Settings<'_>,
    picture: &Picture<'_>,
    drain: &mut Drain,
    mut memory: PictureMemory,
) -> Result<(), CodecError> {
    let scans: Vec<jpeg_scan_info> = settings.scans.iter().map(scan_info).collect();
    let mut compressor = Compressor(State::new(drain));
    let state: *mut State<'_> = &mut *compressor.0;
    let spare = memory.as_mut_ptr_range();
    let mut watch = Watch {
        progress: jpeg_progress_mgr {
            progress_monitor: None,
            pass_counter: 0,
            pass_limit: 0,
            completed_passes: 0,
            total_passes: 0,
        },
        may_continue,
        state: state.cast(),
        spare: spare.start,
        spare_end: spare.end,
        access_blocks: ptr::null(),
        allocate: ptr::null(),
    };
    // SAFETY: `state` is valid and stays in place until `compressor` is dropped; `scans`, `watch` and `memory` outlive it too.
    let outcome = unsafe { run(state, settings, &scans, &raw mut watch, picture) };
    if let Err(status) = outcome {
        let text = match status {
            // SAFETY: status 1 means that the error manager was called.
            1 => unsafe { State::message(state) },
            2 => OUT_OF_MEMORY.to_owned(),
            _ => "jpegli failed without a message".to_owned(),
        };
        let error = if text.contains(OUT_OF_MEMORY) {
            let bytes = picture.samples.len() as u64;
            ControlError::AllocationFailed { bytes }.into()
        } else {
            CodecError::encode(ImageFormat::Jpeg, text)
        };
        compressor.0.drain.fail(error);
    }
    drop(compressor);
    match outcome {
        Ok(()) => drain.result(),
        Err(_) => Err(stop_reason(drain)),
    }
}

fn scan_info(scan: &Scan) -> jpeg_scan_info {
    let mut component_index = [0; 4];
    for (slot, component) in component_index.iter_mut().zip(scan.components) {
        *slot = c_int::from(*component);
    }
    jpeg_scan_info {
        comps_in_scan: scan.components.len().min(4) as c_int,
        component_index,
        Ss: c_int::from(scan.first),
        Se: c_int::from(scan.last),
        Ah: 0,
        Al: 0,
    }
}

/// The whole life of a jpegli compressor except its destruction; `Err` holds the shim's status.
///
/// # Safety
/// `state` must be valid, and stay in place like `scans` and `watch` until the compressor is destroyed.
unsafe fn run(
    state: *mut State<'_>,
    settings: &Settings<'_>,
    scans: &[jpeg_scan_info],
    watch: *mut Watch,
    picture: &Picture<'_>,
) -> Result<(), c_int> {
    let done = |status: c_int| if status == 0 { Ok(()) } else { Err(status) };
    // SAFETY: `state` is valid by contract. The calls follow libjpeg's order. Row pointers are to `width * components`
    // samples each, as `image_width` and `input_components` say.
    unsafe {
        (*state).cinfo.common.err = jpegli_std_error(&raw mut (*state).error);
        (*state).error.error_exit = Some(imageflow_jpegli_error_exit);
        State::prepare(state);
        let cinfo = (&raw mut (*state).cinfo).cast::<c_void>();
        done(imageflow_jpegli_create(
            cinfo,
            JPEG_LIB_VERSION,
            size_of::<jpeg_compress_struct>(),
        ))?;
        imageflow_jpegli_watch(cinfo, watch.cast());
        State::attach(state, picture);
        done(imageflow_jpegli_set_defaults(cinfo))?;
        if let Some(sampling) = picture.sampling {
            State::set_sampling(state, sampling);
        }
        (*state).cinfo.write_JFIF_header = 1;
        (*state).cinfo.optimize_coding = boolean::from(true);
        if !scans.is_empty() {
            (*state).cinfo.scan_info = scans.as_ptr();
            (*state).cinfo.num_scans = scans.len() as c_int;
        }
        // The tables depend on the sampling, so the distance is set after it.
        done(imageflow_jpegli_set_distance(cinfo, settings.distance, 1))?;
        if picture.sampling.is_some() {
            // Cb shares the finer table of Cr, as in jpegli's quality scale: 1–5 % fewer bytes at equal SSIMULACRA2 than
            // the coarser table it would have of its own.
            (*(*state).cinfo.comp_info.add(1)).quant_tbl_no = 2;
        }
        // Level 0 is one sequential scan.
        done(imageflow_jpegli_start(
            cinfo,
            if scans.is_empty() { 0 } else { 2 },
        ))?;
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
            let mut taken = 0;
            done(imageflow_jpegli_write(
                cinfo,
                batch.as_ptr(),
                count as c_uint,
                &raw mut taken,
            ))?;
            // Fewer rows are taken when the drain refused bytes, which therefore knows why.
            if taken as usize != count || !(*state).drain.may_continue() {
                return Err(3);
            }
        }
        done(imageflow_jpegli_finish(cinfo))
    }
}

/// Owns a jpegli compressor and destroys it.
struct Compressor<'d>(Box<State<'d>>);

impl Drop for Compressor<'_> {
    fn drop(&mut self) {
        // SAFETY: the compressor was created or is still zeroed; `jpegli_destroy` accepts both, also after an error.
        unsafe { imageflow_jpegli_destroy((&raw mut self.0.cinfo).cast()) };
    }
}
