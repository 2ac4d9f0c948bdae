//! Puts [`super::huffman`] in the place of mozjpeg's own Huffman decoder, for the MCUs that it takes.
//!
//! libjpeg decodes each MCU through a method of its entropy decoder. The method is replaced by [`decode_mcu`], which works on
//! the library's own state and calls the original where the fast decoder declines: damage, restarts and the edges of the
//! input buffer are handled by the library, as if nothing had been replaced.

use std::mem::MaybeUninit;
use std::ptr;

use mozjpeg_sys::{JHUFF_TBL, boolean, c_int, c_uint, jpeg_decompress_struct};

use super::huffman::{Block, BlockCode, Huffman, Position, Table};

/// Blocks of an MCU at most (jpeglib.h: D_MAX_BLOCKS_IN_MCU).
const MAX_BLOCKS: usize = 10;

type DecodeMcu = unsafe extern "C-unwind" fn(
    cinfo: &mut jpeg_decompress_struct,
    blocks: *mut *mut Block,
) -> boolean;

/// Declared in `native/mozjpeg_entropy.c`.
#[repr(C)]
struct Scan {
    decode_mcu: *mut DecodeMcu,
    insufficient_data: *const boolean,
    get_buffer: *mut usize,
    bits_left: *mut c_int,
    last_dc_val: *mut [c_int; 4],
    restarts_to_go: *mut c_uint,
    restart_interval: *const c_uint,
    unread_marker: *const c_int,
    blocks: c_int,
    components: [c_int; MAX_BLOCKS],
    dc: [*const JHUFF_TBL; MAX_BLOCKS],
    ac: [*const JHUFF_TBL; MAX_BLOCKS],
}

unsafe extern "C" {
    fn imageflow_mozjpeg_scan(cinfo: *mut jpeg_decompress_struct, scan: *mut Scan) -> c_int;
}

/// The fast decoder of a scan, and the way back to the library's.
pub(super) struct Entropy {
    huffman: Huffman,
    scan: Scan,
    original: DecodeMcu,
}

/// Tables made once for each of the library's.
struct Distinct<T> {
    known: Vec<*const JHUFF_TBL>,
    tables: Vec<T>,
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Distinct {
            known: Vec::new(),
            tables: Vec::new(),
        }
    }
}

impl<T> Distinct<T> {
    fn index(
        &mut self,
        table: &JHUFF_TBL,
        make: impl Fn(&[u8; 17], &[u8]) -> Option<T>,
    ) -> Option<usize> {
        if let Some(same) = self.known.iter().position(|known| ptr::eq(*known, table)) {
            return Some(same);
        }
        self.tables.push(make(&table.bits, &table.huffval)?);
        self.known.push(table);
        Some(self.known.len() - 1)
    }
}

impl Entropy {
    /// Takes over from the library's decoder, if the scan that was just started is one for the fast one.
    ///
    /// # Safety
    /// `cinfo` was started, and from now on [`decode_mcu`] finds the result when it is called with it.
    pub(super) unsafe fn install(cinfo: *mut jpeg_decompress_struct) -> Option<Entropy> {
        let mut scan = MaybeUninit::<Scan>::zeroed();
        // SAFETY: `cinfo` was started, says the caller; the function writes nothing but `scan`.
        let fits = unsafe { imageflow_mozjpeg_scan(cinfo, scan.as_mut_ptr()) };
        if fits == 0 {
            return None;
        }
        // SAFETY: the function filled it; unused entries are zero, which is valid for integers and raw pointers.
        let scan = unsafe { scan.assume_init() };
        let count = usize::try_from(scan.blocks).ok()?;
        let (mut dc, mut ac) = (Distinct::default(), Distinct::default());
        let tables = scan.dc.iter().zip(&scan.ac).zip(&scan.components);
        let blocks: Option<Vec<BlockCode>> = tables
            .take(count)
            .map(|((dc_table, ac_table), component)| {
                // SAFETY: tables of the library's, which live as long as `cinfo`.
                let (dc_table, ac_table) = unsafe { (&**dc_table, &**ac_table) };
                Some(BlockCode {
                    dc: dc.index(dc_table, Table::dc)?,
                    ac: ac.index(ac_table, Table::ac)?,
                    component: usize::try_from(*component).ok()?,
                })
            })
            .collect();
        let huffman = Huffman {
            blocks: blocks?,
            dc: dc.tables,
            ac: ac.tables,
        };
        // SAFETY: the method lies in the library's decoder, which lives as long as `cinfo`.
        let original = unsafe { ptr::replace(scan.decode_mcu, decode_mcu) };
        Some(Entropy {
            huffman,
            scan,
            original,
        })
    }

    /// Puts the library's decoder back.
    #[cfg(test)]
    pub(super) fn uninstall(self) {
        // SAFETY: the method lies in the library's decoder, which lives as long as the decompressor that holds `self`.
        unsafe { *self.scan.decode_mcu = self.original }
    }

    /// Decodes an MCU, or leaves everything as it is and answers `false`. The blocks are zero then.
    ///
    /// # Safety
    /// `blocks` is null or points to as many pointers to blocks, one after the other, as the MCU has; `cinfo` is that of
    /// [`Entropy::install`].
    unsafe fn take(&self, cinfo: &mut jpeg_decompress_struct, blocks: *mut *mut Block) -> bool {
        let scan = &self.scan;
        // SAFETY: the pointers of `scan` are valid as long as `cinfo`, and nobody else uses them during this call.
        let (interval, left) = unsafe { (*scan.restart_interval, &mut *scan.restarts_to_go) };
        // SAFETY: as above.
        let unusual = unsafe { *scan.insufficient_data != 0 || *scan.unread_marker != 0 };
        if unusual || interval != 0 && *left == 0 || cinfo.src.is_null() {
            return false;
        }
        // SAFETY: as for the pointers above; the source's bytes are valid until the library asks for more.
        let (source, buffer, left_bits, dc) = unsafe {
            (
                &mut *cinfo.src,
                &mut *scan.get_buffer,
                &mut *scan.bits_left,
                &mut *scan.last_dc_val,
            )
        };
        if !(0..64).contains(left_bits) {
            return false;
        }
        // SAFETY: as above.
        let input =
            unsafe { std::slice::from_raw_parts(source.next_input_byte, source.bytes_in_buffer) };
        let shift = |count: i64| (64 - count).clamp(0, 63) as u32;
        let mut position = Position {
            buffer: (*buffer as u64) << shift(i64::from(*left_bits)),
            count: i64::from(*left_bits),
            at: 0,
        };
        if *left_bits == 0 {
            position.buffer = 0;
        }
        let count = self.huffman.blocks.len();
        // SAFETY: the library passes a pointer to a block of its own for each block of the MCU, one after the other.
        let targets = || (0..count).map(|i| unsafe { &mut **blocks.add(i) });
        let decoded = if blocks.is_null() {
            let mut unwanted = [[0; 64]; MAX_BLOCKS];
            self.huffman
                .decode(input, &mut position, dc, unwanted.iter_mut())
        } else {
            self.huffman.decode(input, &mut position, dc, targets())
        };
        if decoded.is_none() {
            if !blocks.is_null() {
                targets().for_each(|block| block.fill(0));
            }
            return false;
        }
        *buffer = (position.buffer >> shift(position.count)) as usize;
        *left_bits = position.count as c_int;
        // SAFETY: `at` is at most the length of the input.
        source.next_input_byte = unsafe { source.next_input_byte.add(position.at) };
        source.bytes_in_buffer -= position.at;
        if interval != 0 {
            *left -= 1;
        }
        true
    }
}

unsafe extern "C-unwind" fn decode_mcu(
    cinfo: &mut jpeg_decompress_struct,
    blocks: *mut *mut Block,
) -> boolean {
    let Some(entropy) = super::ffi_decode::entropy_of(&cinfo.common) else {
        return 0;
    };
    // SAFETY: the library passes what `take` and the original ask for. `entropy` is in the state of this decompressor, which
    // outlives the call.
    unsafe {
        let entropy = &*entropy;
        if entropy.take(cinfo, blocks) {
            return 1;
        }
        (entropy.original)(cinfo, blocks)
    }
}
