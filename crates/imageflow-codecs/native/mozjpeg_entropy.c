/* What a faster Huffman decoder, and who watches a decoder's work, must see of mozjpeg: fields that its headers or sources declare and its Rust bindings hide.
 *
 * The decoder's own state is declared in jdhuff.c only. Its beginning is repeated here, for the exact version that
 * Cargo.toml names, and checked against what a scan starts with before anything is believed. */

#include <stddef.h>
#include <stdio.h>
#define JPEG_INTERNALS
#include "jpeglib.h"
#include "jdhuff.h"
#include "jerror.h"

typedef struct {
  struct jpeg_entropy_decoder pub;
  bitread_perm_state bitstate;
  struct {
    int last_dc_val[MAX_COMPS_IN_SCAN];
  } saved;
  unsigned int restarts_to_go;
} huff_entropy_decoder;

typedef boolean (*decode_mcu_method)(j_decompress_ptr cinfo, JBLOCKROW *blocks);

/* Pointers stay valid until the decompressor is destroyed. */
struct imageflow_scan {
  decode_mcu_method *decode_mcu;
  const boolean *insufficient_data;
  bit_buf_type *get_buffer;
  int *bits_left;
  int *last_dc_val;
  unsigned int *restarts_to_go;
  const unsigned int *restart_interval;
  const int *unread_marker;
  int blocks;
  int components[D_MAX_BLOCKS_IN_MCU];
  const JHUFF_TBL *dc[D_MAX_BLOCKS_IN_MCU];
  const JHUFF_TBL *ac[D_MAX_BLOCKS_IN_MCU];
};

/* Describes the scan that was just started; 0 when it is not sequential Huffman coding at full size. */
int imageflow_mozjpeg_scan(j_decompress_ptr cinfo, struct imageflow_scan *scan) {
  huff_entropy_decoder *entropy = (huff_entropy_decoder *)cinfo->entropy;
  int i;

  if (BIT_BUF_SIZE != 64 || entropy == NULL || cinfo->progressive_mode || cinfo->arith_code || cinfo->data_precision != 8 ||
      cinfo->blocks_in_MCU < 1 || cinfo->blocks_in_MCU > D_MAX_BLOCKS_IN_MCU)
    return 0;
  if (entropy->pub.insufficient_data || entropy->bitstate.bits_left != 0 || entropy->bitstate.get_buffer != 0 ||
      entropy->restarts_to_go != cinfo->restart_interval)
    return 0;
  for (i = 0; i < cinfo->comps_in_scan; i++)
    if (entropy->saved.last_dc_val[i] != 0)
      return 0;
  for (i = 0; i < cinfo->blocks_in_MCU; i++) {
    int component = cinfo->MCU_membership[i];
    const jpeg_component_info *info = cinfo->cur_comp_info[component];
    if (!info->component_needed || info->DCT_scaled_size != DCTSIZE)
      return 0;
    scan->components[i] = component;
    scan->dc[i] = cinfo->dc_huff_tbl_ptrs[info->dc_tbl_no];
    scan->ac[i] = cinfo->ac_huff_tbl_ptrs[info->ac_tbl_no];
    if (scan->dc[i] == NULL || scan->ac[i] == NULL)
      return 0;
  }
  scan->decode_mcu = &entropy->pub.decode_mcu;
  scan->insufficient_data = &entropy->pub.insufficient_data;
  scan->get_buffer = &entropy->bitstate.get_buffer;
  scan->bits_left = &entropy->bitstate.bits_left;
  scan->last_dc_val = entropy->saved.last_dc_val;
  scan->restarts_to_go = &entropy->restarts_to_go;
  scan->restart_interval = &cinfo->restart_interval;
  scan->unread_marker = &cinfo->unread_marker;
  scan->blocks = cinfo->blocks_in_MCU;
  return 1;
}

/* The message code of a failed allocation. */
const int imageflow_mozjpeg_out_of_memory = JERR_OUT_OF_MEMORY;

/* Whether Adobe's marker came. */
int imageflow_mozjpeg_saw_adobe(j_decompress_ptr cinfo) {
  return cinfo->saw_Adobe_marker;
}

/* Blocks that the current scan has for a row of minimum coded units of the whole picture. */
size_t imageflow_mozjpeg_scan_row(j_decompress_ptr cinfo) {
  size_t blocks = 0;
  int i;

  for (i = 0; i < cinfo->comps_in_scan; i++) {
    const jpeg_component_info *info = cinfo->cur_comp_info[i];
    blocks += (size_t)info->width_in_blocks * (size_t)info->v_samp_factor;
  }
  return blocks;
}
