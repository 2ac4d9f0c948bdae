//! mozjpeg's decompressor (libjpeg-turbo's algorithms) behind a safe type.
//!
//! Everything C points to lives in one heap allocation, [`State`]. Errors leave C by unwinding (mozjpeg-sys compiles its C
//! with `-fexceptions`), and are caught in one place, [`Decompressor::call`]. Input is handed over in place, without a copy,
//! in pieces between which the job is polled; after its end the library gets an end-of-image marker, so that truncated files
//! decode to what there is. Metadata segments are taken as they pass: the library's own list of them takes time quadratic in
//! their number.

use std::any::Any;
use std::io::{BufRead, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

use imageflow_pixels::{ControlError, JobControl};
use mozjpeg_sys::{
    J_COLOR_SPACE, JPEG_LIB_VERSION, boolean, c_int, c_long, c_void, jpeg_CreateDecompress,
    jpeg_common_struct, jpeg_component_info, jpeg_consume_input, jpeg_decompress_struct,
    jpeg_destroy_decompress, jpeg_error_mgr, jpeg_has_multiple_scans, jpeg_input_complete,
    jpeg_read_header, jpeg_read_raw_data, jpeg_read_scanlines, jpeg_resync_to_restart,
    jpeg_set_marker_processor, jpeg_skip_scanlines, jpeg_source_mgr, jpeg_start_decompress,
    jpeg_start_output, jpeg_std_error,
};

use super::MAX_SCANS;
use super::decode::Pixels;
use super::features::{ColorModel, Features};
use super::ffi_encode::imageflow_mozjpeg_out_of_memory;
use super::ffi_entropy::Entropy;
use super::markers::Markers;
use crate::error::CodecError;
use crate::format::ImageFormat;
use crate::input::Reader;

/// What `jpeg_consume_input` returns at the end (jpeglib.h: JPEG_REACHED_EOI).
const REACHED_EOI: c_int = 2;
const APP1: c_int = 0xE1;
const APP2: c_int = 0xE2;
const END_OF_IMAGE: [u8; 2] = [0xFF, 0xD9];
/// Blocks that the scans of any picture may pass over: half a second's work. Of a picture so large that this is less than
/// [`FREE_PASSES`] for every block, as many.
const FREE_BLOCKS: u64 = 1 << 26;
/// Passes over a picture of any size: encoders make up to a dozen.
const FREE_PASSES: u64 = 24;

unsafe extern "C" {
    fn imageflow_mozjpeg_saw_adobe(cinfo: *mut jpeg_decompress_struct) -> c_int;
    fn imageflow_mozjpeg_scan_row(cinfo: *mut jpeg_decompress_struct) -> usize;
}

/// A JPEG whose header was read.
pub(super) struct Decompressor {
    state: Box<State>,
}

struct State {
    cinfo: jpeg_decompress_struct,
    error: jpeg_error_mgr,
    source: jpeg_source_mgr,
    reader: Reader,
    /// Bytes of the reader's buffer that the library has.
    lent: usize,
    /// Why the input ended before its end, if it did.
    failure: Option<CodecError>,
    /// What the library says is wrong with the file.
    message: Option<String>,
    /// What was found in front of the first scan; `None` from then on.
    markers: Option<Markers>,
    control: JobControl,
    /// The Huffman decoder that stands before the library's own.
    entropy: Option<Entropy>,
}

// SAFETY: the raw pointers of the C structures point into the same heap allocation, or to memory that the library allocated
// for this decompressor alone; nothing is tied to a thread.
unsafe impl Send for Decompressor {}

/// The payload of the unwinding that leaves C.
struct Stopped;

impl Decompressor {
    /// Reads the header.
    pub(super) fn open(reader: Reader, control: &JobControl) -> Result<Decompressor, CodecError> {
        // SAFETY: these C structures hold integers, raw pointers, nullable function pointers and enums with a zero variant:
        // all-zero bytes are a valid value of each.
        let (cinfo, error, source) =
            unsafe { (std::mem::zeroed(), std::mem::zeroed(), std::mem::zeroed()) };
        let state = Box::new(State {
            cinfo,
            error,
            source,
            reader,
            lent: 0,
            failure: None,
            message: None,
            markers: Some(Markers::default()),
            control: control.clone(),
            entropy: None,
        });
        let mut this = Decompressor { state };
        this.call(|state| {
            // SAFETY: `state` is valid and stays in place; the order of calls is libjpeg's: error manager, create, source.
            unsafe {
                (*state).cinfo.common.err = jpeg_std_error(&mut (*state).error);
                (*state).error.error_exit = Some(error_exit);
                (*state).error.emit_message = Some(emit_message);
                (*state).error.output_message = Some(output_nothing);
                (*state).cinfo.common.client_data = state.cast::<c_void>();
                jpeg_CreateDecompress(
                    &raw mut (*state).cinfo,
                    JPEG_LIB_VERSION,
                    size_of::<jpeg_decompress_struct>(),
                );
                (*state).cinfo.common.client_data = state.cast::<c_void>();
                (*state).source.init_source = Some(init_source);
                (*state).source.fill_input_buffer = Some(fill_input_buffer);
                (*state).source.skip_input_data = Some(skip_input_data);
                (*state).source.resync_to_restart = Some(jpeg_resync_to_restart);
                (*state).source.term_source = Some(term_source);
                (*state).cinfo.src = &raw mut (*state).source;
                let cinfo = &mut (*state).cinfo;
                jpeg_set_marker_processor(cinfo, APP1, Some(take_app1));
                jpeg_set_marker_processor(cinfo, APP2, Some(take_app2));
                jpeg_read_header(&mut (*state).cinfo, 1);
            }
        })?;
        Ok(this)
    }

    /// Runs library calls and turns the unwinding that reports an error into a value.
    fn call<T>(&mut self, work: impl FnOnce(*mut State) -> T) -> Result<T, CodecError> {
        let state: *mut State = &raw mut *self.state;
        match catch_unwind(AssertUnwindSafe(|| work(state))) {
            Ok(value) => match self.state.failure.take() {
                Some(failure) => Err(failure),
                None => Ok(value),
            },
            Err(payload) if payload.is::<Stopped>() => {
                let message = self.state.message.take().unwrap_or_default();
                Err(self
                    .state
                    .failure
                    .take()
                    .unwrap_or_else(|| CodecError::malformed(ImageFormat::Jpeg, message)))
            }
            // Not ours: a defect on the Rust side of a callback.
            Err(payload) => resume_unwind(payload),
        }
    }

    /// Width as stored.
    pub(super) fn width(&self) -> u32 {
        self.state.cinfo.image_width
    }

    /// Height as stored.
    pub(super) fn height(&self) -> u32 {
        self.state.cinfo.image_height
    }

    /// The colour model and how planes are sampled.
    pub(super) fn features(&mut self) -> Features {
        let cinfo = &self.state.cinfo;
        let count = cinfo.num_components.clamp(0, 4) as usize;
        let components: &[jpeg_component_info] = if cinfo.comp_info.is_null() {
            &[]
        } else {
            // SAFETY: after the header was read `comp_info` points to `num_components` entries.
            unsafe { std::slice::from_raw_parts(cinfo.comp_info, count) }
        };
        let factor = |value: c_int| value.clamp(1, 4).unsigned_abs();
        let sampling: Vec<(u32, u32)> = components
            .iter()
            .map(|c| (factor(c.h_samp_factor), factor(c.v_samp_factor)))
            .collect();
        let color = match cinfo.jpeg_color_space {
            J_COLOR_SPACE::JCS_GRAYSCALE => ColorModel::Gray,
            J_COLOR_SPACE::JCS_YCbCr => ColorModel::YCbCr,
            J_COLOR_SPACE::JCS_RGB => ColorModel::Rgb,
            J_COLOR_SPACE::JCS_CMYK | J_COLOR_SPACE::JCS_YCCK => ColorModel::Cmyk,
            _ => ColorModel::Unknown,
        };
        // SAFETY: the header was read; the function only reads.
        let multiple_scans = unsafe { jpeg_has_multiple_scans(&self.state.cinfo) } != 0;
        Features::new(color, &sampling, multiple_scans)
    }

    /// What the metadata segments in front of the first scan say.
    pub(super) fn take_markers(&mut self) -> Markers {
        let mut markers = self.state.markers.take().unwrap_or_default();
        // SAFETY: the header was read; the function only reads.
        markers.adobe = unsafe { imageflow_mozjpeg_saw_adobe(&mut self.state.cinfo) } != 0;
        markers
    }

    /// Chooses the output and prepares decoding; several scans are read here, `poll` between rows of blocks.
    pub(super) fn start(&mut self, pixels: Pixels) -> Result<(), CodecError> {
        let features = self.features();
        let several = features.multiple_scans;
        self.call(|state| {
            // SAFETY: `state` is valid; parameters are set between header and start, as libjpeg asks.
            unsafe {
                let cinfo = &mut (*state).cinfo;
                match pixels {
                    Pixels::Bgrx => cinfo.out_color_space = J_COLOR_SPACE::JCS_EXT_BGRX,
                    Pixels::Cmyk => cinfo.out_color_space = J_COLOR_SPACE::JCS_CMYK,
                    Pixels::Raw => {
                        cinfo.raw_data_out = 1;
                        cinfo.do_fancy_upsampling = 0;
                    }
                }
                cinfo.buffered_image = boolean::from(several);
                jpeg_start_decompress(cinfo);
                if !several {
                    (*state).entropy = Entropy::install(&raw mut (*state).cinfo);
                }
            }
        })?;
        if several {
            self.consume_scans(&features)?;
        }
        Ok(())
    }

    /// Reads all scans of a buffered image, one row of blocks at a time, and starts its output.
    fn consume_scans(&mut self, features: &Features) -> Result<(), CodecError> {
        let area = f64::from(self.width()) * f64::from(self.height());
        let blocks = (area * features.samples_per_pixel / 64.0) as u64;
        let mut left = FREE_BLOCKS.max(blocks.saturating_mul(FREE_PASSES));
        loop {
            self.state.control.check()?;
            let (row, status, scans) = self.call(|state| {
                // SAFETY: buffered-image mode was started; the source never suspends.
                unsafe {
                    let row = imageflow_mozjpeg_scan_row(&raw mut (*state).cinfo);
                    let status = jpeg_consume_input(&mut (*state).cinfo);
                    (row as u64, status, (*state).cinfo.input_scan_number)
                }
            })?;
            left = left.checked_sub(row).ok_or_else(|| {
                CodecError::malformed(
                    ImageFormat::Jpeg,
                    format_args!("{scans} scans go over a picture of this size too often"),
                )
            })?;
            if scans > MAX_SCANS as c_int {
                let message = format!("more than {MAX_SCANS} scans");
                return Err(CodecError::malformed(ImageFormat::Jpeg, message));
            }
            if status == REACHED_EOI {
                break;
            }
        }
        self.call(|state| {
            // SAFETY: all input was consumed in buffered-image mode; the last scan shows everything.
            unsafe {
                debug_assert!(jpeg_input_complete(&(*state).cinfo) != 0);
                let scan = (*state).cinfo.input_scan_number;
                jpeg_start_output(&mut (*state).cinfo, scan);
            }
        })?;
        Ok(())
    }

    /// Decodes the next row; `row` has four bytes a pixel.
    pub(super) fn read_row(&mut self, row: &mut [u8]) -> Result<(), CodecError> {
        let needed = self.state.cinfo.output_width as usize
            * self.state.cinfo.output_components.max(0) as usize;
        if row.len() < needed {
            return Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "a row is longer than the header said",
            ));
        }
        let mut pointer = row.as_mut_ptr();
        let read = self.call(|state| {
            // SAFETY: decoding was started; the row holds `output_width * output_components` bytes, checked above.
            unsafe { jpeg_read_scanlines(&mut (*state).cinfo, &raw mut pointer, 1) }
        })?;
        if read == 1 {
            Ok(())
        } else {
            Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "rows end before the picture does",
            ))
        }
    }

    /// Passes over rows without making pixels of them.
    pub(super) fn skip_rows(&mut self, count: u32) -> Result<(), CodecError> {
        self.call(|state| {
            // SAFETY: decoding was started; the source never suspends, as the function demands.
            unsafe { jpeg_skip_scanlines(&mut (*state).cinfo, count) }
        })?;
        Ok(())
    }

    /// Decodes one row of minimum coded units to planes. `planes[c]` has `8 × vertical factor` rows of `strides[c]` bytes,
    /// which are at least the component's width in whole blocks.
    pub(super) fn read_planes(
        &mut self,
        planes: &mut [Vec<u8>],
        strides: &[usize],
    ) -> Result<(), CodecError> {
        const MAX_ROWS: usize = 32;
        let cinfo = &self.state.cinfo;
        let count = cinfo.num_components.clamp(0, 4) as usize;
        // SAFETY: `comp_info` points to `num_components` entries after the header.
        let components = unsafe { std::slice::from_raw_parts(cinfo.comp_info, count) };
        let mut rows = [[ptr::null_mut::<u8>(); MAX_ROWS]; 4];
        let mut lines = 0;
        if planes.len() < count || strides.len() < count {
            return Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "a component has no plane",
            ));
        }
        for (((component, plane), stride), rows) in components
            .iter()
            .zip(planes.iter_mut())
            .zip(strides)
            .zip(&mut rows)
        {
            let height = (component.v_samp_factor.clamp(1, 4) * 8) as usize;
            if plane.len() < height * stride || *stride < component.width_in_blocks as usize * 8 {
                return Err(CodecError::malformed(
                    ImageFormat::Jpeg,
                    "a plane is smaller than its blocks",
                ));
            }
            for (row, line) in rows
                .iter_mut()
                .zip(plane.chunks_exact_mut(*stride))
                .take(height)
            {
                *row = line.as_mut_ptr();
            }
            lines = lines.max(height);
        }
        let [a, b, c, d] = &mut rows;
        let mut image = [
            a.as_mut_ptr(),
            b.as_mut_ptr(),
            c.as_mut_ptr(),
            d.as_mut_ptr(),
        ];
        let read = self.call(|state| {
            // SAFETY: raw decoding was started; every plane has the rows and bytes checked above, for every component.
            unsafe { jpeg_read_raw_data(&mut (*state).cinfo, image.as_mut_ptr(), lines as u32) }
        })?;
        if read > 0 {
            Ok(())
        } else {
            Err(CodecError::malformed(
                ImageFormat::Jpeg,
                "rows end before the picture does",
            ))
        }
    }

    /// Whether the fast Huffman decoder stands before the library's own.
    #[cfg(test)]
    pub(super) fn has_fast_entropy(&self) -> bool {
        self.state.entropy.is_some()
    }

    /// Goes back to the library's own Huffman decoder.
    #[cfg(test)]
    pub(super) fn restore_entropy(&mut self) {
        if let Some(entropy) = self.state.entropy.take() {
            entropy.uninstall();
        }
    }

    /// Bytes per row of each plane, in whole blocks.
    pub(super) fn plane_strides(&self) -> Vec<usize> {
        let cinfo = &self.state.cinfo;
        let count = cinfo.num_components.clamp(0, 4) as usize;
        // SAFETY: `comp_info` points to `num_components` entries after the header.
        let components = unsafe { std::slice::from_raw_parts(cinfo.comp_info, count) };
        components
            .iter()
            .map(|c| c.width_in_blocks as usize * 8)
            .collect()
    }
}

impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: the decompressor was created or is still zeroed; both are accepted, also after an error.
        unsafe { jpeg_destroy_decompress(&mut self.state.cinfo) }
    }
}

fn stop() -> ! {
    let payload: Box<dyn Any + Send> = Box::new(Stopped);
    // Does not run the panic hook: this is control flow, nothing is printed.
    resume_unwind(payload)
}

fn state_of(common: &jpeg_common_struct) -> Option<ptr::NonNull<State>> {
    ptr::NonNull::new(common.client_data.cast::<State>())
}

/// The fast Huffman decoder of the decompressor that a callback was called for.
pub(super) fn entropy_of(common: &jpeg_common_struct) -> Option<*const Entropy> {
    let state = state_of(common)?;
    // SAFETY: `open` stored the valid state of this decompressor; the field does not overlap `common`.
    let entropy = unsafe { &(*state.as_ptr()).entropy };
    entropy.as_ref().map(ptr::from_ref)
}

unsafe extern "C-unwind" fn error_exit(common: &mut jpeg_common_struct) {
    // SAFETY: called by the library with its own decompressor, whose error manager is valid.
    let (text, code) = unsafe { (super::ffi_encode::message(common), (*common.err).msg_code) };
    if let Some(state) = state_of(common) {
        // SAFETY: `open` stored the valid state of this decompressor; what is used of it does not overlap `common`. The code
        // is a constant of C.
        unsafe {
            let state = state.as_ptr();
            (*state).message = Some(text);
            if code == imageflow_mozjpeg_out_of_memory {
                let bytes = whole_bytes(&raw const (*state).cinfo);
                (*state).failure = Some(ControlError::AllocationFailed { bytes }.into());
            }
        }
    }
    stop()
}

/// Bytes of all coefficients of a picture: what a failed allocation was most likely for.
///
/// # Safety
/// `cinfo` must be valid for reads.
unsafe fn whole_bytes(cinfo: *const jpeg_decompress_struct) -> u64 {
    // SAFETY: valid by contract.
    let (width, height, count) = unsafe {
        (
            (*cinfo).image_width,
            (*cinfo).image_height,
            (*cinfo).num_components,
        )
    };
    u64::from(width) * u64::from(height) * 2 * u64::from(count.clamp(1, 4).unsigned_abs())
}

/// Warnings (level -1) mean damaged data that decodes to something; they are counted by nobody.
unsafe extern "C-unwind" fn emit_message(_: &mut jpeg_common_struct, _: c_int) {}

unsafe extern "C-unwind" fn output_nothing(_: &mut jpeg_common_struct) {}

unsafe extern "C-unwind" fn init_source(_: &mut jpeg_decompress_struct) {}

unsafe extern "C-unwind" fn term_source(_: &mut jpeg_decompress_struct) {}

unsafe extern "C-unwind" fn fill_input_buffer(cinfo: &mut jpeg_decompress_struct) -> boolean {
    let Some(state) = state_of(&cinfo.common) else {
        return 0;
    };
    // SAFETY: `open` stored the valid state of this decompressor; what is used of it does not overlap `cinfo`. The lent slice
    // stays in place until the reader is used again, which only the two source callbacks do.
    unsafe {
        let state = state.as_ptr();
        (*state).reader.consume((*state).lent);
        (*state).lent = 0;
        let (pointer, length) = match (*state).reader.fill_buf() {
            Ok([]) => (END_OF_IMAGE.as_ptr(), END_OF_IMAGE.len()),
            Ok(bytes) => {
                (*state).lent = bytes.len();
                (bytes.as_ptr(), bytes.len())
            }
            Err(error) => {
                (*state).failure = Some(CodecError::read(error));
                (END_OF_IMAGE.as_ptr(), END_OF_IMAGE.len())
            }
        };
        (*state).source.next_input_byte = pointer;
        (*state).source.bytes_in_buffer = length;
    }
    1
}

/// Takes the payload of the segment whose marker was just read.
///
/// # Safety
/// Called by the library, as a marker processor.
unsafe fn take_segment(
    cinfo: &mut jpeg_decompress_struct,
    add: fn(&mut Markers, &[u8]),
) -> boolean {
    let mut byte = || {
        let state = state_of(&cinfo.common)?.as_ptr();
        // SAFETY: as in `fill_input_buffer`, which leaves at least one byte in the buffer.
        unsafe {
            if (*state).source.bytes_in_buffer == 0 {
                fill_input_buffer(cinfo);
            }
            let byte = *(*state).source.next_input_byte;
            (*state).source.next_input_byte = (*state).source.next_input_byte.add(1);
            (*state).source.bytes_in_buffer -= 1;
            Some(byte)
        }
    };
    let (Some(high), Some(low)) = (byte(), byte()) else {
        return 0;
    };
    let length = usize::from(u16::from_be_bytes([high, low])).saturating_sub(2);
    let payload: Vec<u8> = std::iter::from_fn(byte).take(length).collect();
    if let Some(state) = state_of(&cinfo.common) {
        // SAFETY: as in `fill_input_buffer`.
        unsafe {
            if let Some(markers) = &mut (*state.as_ptr()).markers {
                add(markers, &payload);
            }
        }
    }
    1
}

unsafe extern "C-unwind" fn take_app1(cinfo: &mut jpeg_decompress_struct) -> boolean {
    // SAFETY: called by the library.
    unsafe { take_segment(cinfo, Markers::add_app1) }
}

unsafe extern "C-unwind" fn take_app2(cinfo: &mut jpeg_decompress_struct) -> boolean {
    // SAFETY: called by the library.
    unsafe { take_segment(cinfo, Markers::add_app2) }
}

unsafe extern "C-unwind" fn skip_input_data(cinfo: &mut jpeg_decompress_struct, count: c_long) {
    let (Some(state), Ok(count)) = (state_of(&cinfo.common), usize::try_from(count)) else {
        return;
    };
    // SAFETY: as in `fill_input_buffer`; the pointer moves within the bytes in the buffer.
    unsafe {
        let state = state.as_ptr();
        let here = count.min((*state).source.bytes_in_buffer);
        (*state).source.next_input_byte = (*state).source.next_input_byte.add(here);
        (*state).source.bytes_in_buffer -= here;
        let beyond = count - here;
        if beyond > 0 {
            (*state).reader.consume((*state).lent);
            (*state).lent = 0;
            // Past the end of a file reads as its end.
            if let Err(error) = (*state).reader.seek(SeekFrom::Current(beyond as i64)) {
                (*state).failure = Some(CodecError::read(error));
            }
        }
    }
}
