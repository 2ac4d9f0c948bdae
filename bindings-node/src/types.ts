/**
 * The messages of the engine, as they travel: field names are those of the JSON. A field marked optional may be left out or
 * null; both mean the engine's default.
 */

type Optional<T> = T | null | undefined;

// --- pictures, colours, sizes

export type PixelFormat = 'bgra_32' | 'bgr_32' | 'bgr_24' | 'gray_8';

/** `hex`: 3, 4, 6 or 8 hexadecimal digits, RGB or RGBA, with or without `#`. */
export type Color = 'transparent' | 'black' | { srgb: { hex: string } };

export type Filter =
  | 'robidoux_fast' | 'robidoux' | 'robidoux_sharp' | 'ginseng' | 'ginseng_sharp' | 'lanczos' | 'lanczos_sharp'
  | 'lanczos_2' | 'lanczos_2_sharp' | 'cubic' | 'cubic_sharp' | 'catmull_rom' | 'mitchell' | 'cubic_b_spline' | 'hermite'
  | 'jinc' | 'triangle' | 'linear' | 'box' | 'fastest' | 'n_cubic' | 'n_cubic_sharp';

export type ScalingFloatspace = 'srgb' | 'linear';
export type ResampleWhen = 'size_differs' | 'size_differs_or_sharpening_requested' | 'always';
export type SharpenWhen = 'downscaling' | 'upscaling' | 'size_differs' | 'always';

export interface ResampleHints {
  sharpen_percent?: Optional<number>;
  down_filter?: Optional<Filter>;
  up_filter?: Optional<Filter>;
  scaling_colorspace?: Optional<ScalingFloatspace>;
  background_color?: Optional<Color>;
  resample_when?: Optional<ResampleWhen>;
  sharpen_when?: Optional<SharpenWhen>;
}

/** Percentages: 0, 0 is top left, 100, 100 bottom right. */
export type ConstraintGravity = 'center' | { percentage: { x: number; y: number } };

export type ConstraintMode =
  | 'distort' | 'within' | 'fit' | 'larger_than' | 'within_crop' | 'fit_crop' | 'aspect_crop' | 'within_pad' | 'fit_pad';

export interface Constraint {
  mode: ConstraintMode;
  w?: Optional<number>;
  h?: Optional<number>;
  hints?: Optional<ResampleHints>;
  gravity?: Optional<ConstraintGravity>;
  canvas_color?: Optional<Color>;
}

export type CompositingMode = 'compose' | 'overwrite';

export interface BoxPercentage { x1: number; y1: number; x2: number; y2: number }
export interface BoxMargins { left: number; top: number; right: number; bottom: number }

export type WatermarkConstraintBox =
  | { image_percentage: BoxPercentage }
  | { image_margins: BoxMargins }
  | { canvas_percentage: BoxPercentage }
  | { canvas_margins: BoxMargins };

export type WatermarkConstraintMode = 'distort' | 'within' | 'fit' | 'within_crop' | 'fit_crop';

export interface Watermark {
  io_id: number;
  gravity?: Optional<ConstraintGravity>;
  fit_box?: Optional<WatermarkConstraintBox>;
  fit_mode?: Optional<WatermarkConstraintMode>;
  min_canvas_width?: Optional<number>;
  min_canvas_height?: Optional<number>;
  opacity?: Optional<number>;
  hints?: Optional<ResampleHints>;
}

export interface CornerRadii { top_left: number; top_right: number; bottom_right: number; bottom_left: number }

export type RoundCornersMode =
  | 'circle'
  | { percentage: number }
  | { pixels: number }
  | { percentage_custom: CornerRadii }
  | { pixels_custom: CornerRadii };

export type ColorFilterSrgb =
  | 'grayscale_ntsc' | 'grayscale_flat' | 'grayscale_bt709' | 'grayscale_ry' | 'sepia' | 'invert'
  | { alpha: number } | { contrast: number } | { brightness: number } | { saturation: number };

export type ColorMatrixRow = [number, number, number, number, number];
export type ColorMatrix = [ColorMatrixRow, ColorMatrixRow, ColorMatrixRow, ColorMatrixRow, ColorMatrixRow];

// --- decoders

export interface JpegIDCTDownscaleHints {
  width: number;
  height: number;
  scale_luma_spatially?: Optional<boolean>;
  gamma_correct_for_srgb_during_spatial_luma_scaling?: Optional<boolean>;
}

export interface WebPDecoderHints { width: number; height: number }

export type ColorProfile = 'srgb' | 'keep' | 'display_p3';

export type DecoderCommand =
  | { jpeg_downscale_hints: JpegIDCTDownscaleHints }
  | { webp_decoder_hints: WebPDecoderHints }
  | { select_frame: number }
  | { color_profile: ColorProfile }
  | 'discard_color_profile'
  | 'ignore_color_profile_errors';

// --- encoders

export type OutputImageFormat = 'webp' | 'jpeg' | 'jpg' | 'png' | 'avif' | 'jxl' | 'gif' | 'keep';

export type QualityProfile =
  | 'lowest' | 'low' | 'mediumlow' | 'medium' | 'good' | 'high' | 'highest' | 'lossless'
  | { percent: number };

export type BoolKeep = 'true' | 'false' | 'keep';

export interface AllowedFormats {
  webp?: Optional<boolean>;
  jxl?: Optional<boolean>;
  avif?: Optional<boolean>;
  jpeg?: Optional<boolean>;
  jpeg_progressive?: Optional<boolean>;
  jpeg_xyb?: Optional<boolean>;
  png?: Optional<boolean>;
  gif?: Optional<boolean>;
  all?: Optional<boolean>;
  web_safe?: Optional<boolean>;
  modern_web_safe?: Optional<boolean>;
  color_profiles?: Optional<boolean>;
}

export interface EncoderHints {
  jpeg?: Optional<{
    quality?: Optional<number>;
    progressive?: Optional<boolean>;
    mimic?: Optional<'jpegli' | 'libjpegturbo' | 'mozjpeg' | 'default'>;
  }>;
  png?: Optional<{
    quality?: Optional<number>;
    min_quality?: Optional<number>;
    quantization_speed?: Optional<number>;
    mimic?: Optional<'libpng' | 'lodepng' | 'pngquant' | 'default'>;
    hint_max_deflate?: Optional<boolean>;
    lossless?: Optional<BoolKeep>;
  }>;
  webp?: Optional<{ quality?: Optional<number>; lossless?: Optional<BoolKeep> }>;
  gif?: Optional<Record<string, never>>;
}

export type PngBitDepth = 'png_32' | 'png_24';

export interface AutoPreset {
  quality_profile?: Optional<QualityProfile>;
  quality_profile_dpr?: Optional<number>;
  matte?: Optional<Color>;
  lossless?: Optional<BoolKeep>;
  allow?: Optional<AllowedFormats>;
}

export interface FormatPreset extends AutoPreset {
  format: OutputImageFormat;
  encoder_hints?: Optional<EncoderHints>;
}

export interface MozjpegPreset {
  quality?: Optional<number>;
  progressive?: Optional<boolean>;
  matte?: Optional<Color>;
}

export interface LibjpegTurboPreset extends MozjpegPreset {
  optimize_huffman_coding?: Optional<boolean>;
}

export interface LibpngPreset {
  depth?: Optional<PngBitDepth>;
  matte?: Optional<Color>;
  zlib_compression?: Optional<number>;
}

export interface PngquantPreset {
  quality?: Optional<number>;
  minimum_quality?: Optional<number>;
  speed?: Optional<number>;
  maximum_deflate?: Optional<boolean>;
}

export type EncoderPreset =
  | 'gif'
  | 'webplossless'
  | { gif: null }
  | { webplossless: null }
  | { mozjpeg: MozjpegPreset }
  | { libjpegturbo: LibjpegTurboPreset }
  | { libpng: LibpngPreset }
  | { lodepng: { maximum_deflate?: Optional<boolean> } }
  | { pngquant: PngquantPreset }
  | { webplossy: { quality?: Optional<number> } }
  | { auto: AutoPreset }
  | { format: FormatPreset };

/** What of the source's EXIF and XMP is written: nothing, artist and copyright, or all of it. */
export type MetadataPolicy = 'none' | 'copyright' | 'all';

// --- nodes and graphs

export type UnitNode =
  | 'flip_v' | 'flip_h' | 'transpose' | 'rotate_90' | 'rotate_180' | 'rotate_270' | 'watermark_red_dot';

export interface CommandString {
  kind: 'ir4';
  value: string;
  decode?: Optional<number>;
  encode?: Optional<number>;
  watermarks?: Optional<Watermark[]>;
}

export type Node =
  | UnitNode
  | { decode: { io_id: number; commands?: Optional<DecoderCommand[]> } }
  | { encode: { io_id: number; preset: EncoderPreset; metadata?: Optional<MetadataPolicy> } }
  | { crop: { x1: number; y1: number; x2: number; y2: number } }
  | { crop_whitespace: { threshold: number; percent_padding: number } }
  | { create_canvas: { format: PixelFormat; w: number; h: number; color: Color } }
  | { command_string: CommandString }
  | { constrain: Constraint }
  | { copy_rect_to_canvas: { from_x: number; from_y: number; w: number; h: number; x: number; y: number } }
  | { round_image_corners: { radius: RoundCornersMode; background_color: Color } }
  | { fill_rect: { x1: number; y1: number; x2: number; y2: number; color: Color } }
  | { expand_canvas: { left: number; top: number; right: number; bottom: number; color: Color } }
  | { region: { x1: number; y1: number; x2: number; y2: number; background_color: Color } }
  | { region_percent: { x1: number; y1: number; x2: number; y2: number; background_color: Color } }
  | { apply_orientation: { flag: number } }
  | { resample_2d: { w: number; h: number; hints?: Optional<ResampleHints> } }
  | {
      draw_image_exact: {
        x: number; y: number; w: number; h: number;
        blend?: Optional<CompositingMode>;
        hints?: Optional<ResampleHints>;
      };
    }
  | { watermark: Watermark }
  | { white_balance_histogram_area_threshold_srgb: { threshold?: Optional<number> } }
  | { color_matrix_srgb: { matrix: ColorMatrix } }
  | { color_filter_srgb: ColorFilterSrgb };

export type EdgeKind = 'input' | 'canvas';
export interface Edge { from: number; to: number; kind: EdgeKind }
export interface Graph { nodes: Record<string, Node>; edges: Edge[] }
export type Framewise = { graph: Graph } | { steps: Node[] };

export interface FrameSizeLimit { w: number; h: number; megapixels: number }

export interface MemoryBudgetPolicy {
  require_est_bytes_below?: Optional<number>;
  require_est_max_bytes_below?: Optional<number>;
  require_tracked_bytes_below?: Optional<number>;
}

/** Limits of a job; what is left out keeps the engine's default. */
export interface ExecutionSecurity {
  max_decode_size?: Optional<FrameSizeLimit>;
  max_frame_size?: Optional<FrameSizeLimit>;
  max_encode_size?: Optional<FrameSizeLimit>;
  max_input_file_bytes?: Optional<number>;
  max_json_bytes?: Optional<number>;
  max_total_file_pixels?: Optional<number>;
  max_threads?: Optional<number>;
  mem_budget_policy?: Optional<MemoryBudgetPolicy>;
}

export interface Execute001 { framewise: Framewise; security?: Optional<ExecutionSecurity> }

// --- responses

export interface Response001<Data = ResponsePayload> {
  /** 200, or the HTTP status that fits the error. */
  code: number;
  success: boolean;
  message: string;
  data: Data;
}

export type ResponsePayload =
  | 'none'
  | { job_result: JobResult }
  | { build_result: JobResult }
  | { image_info: ImageInfo }
  | { version_info: VersionInfo };

export type ResultBytes = 'elsewhere' | { base_64: string } | { byte_array: number[] } | { physical_file: string };

export interface DecodeResult {
  preferred_mime_type: string;
  preferred_extension: string;
  io_id: number;
  w: number;
  h: number;
}

export interface EncodeResult extends DecodeResult { bytes: ResultBytes }

export interface NodePerf { wall_microseconds: number; name: string }
export interface FramePerformance { nodes: NodePerf[]; wall_microseconds: number; overhead_microseconds: number }
export interface BuildPerformance { frames: FramePerformance[] }

export interface JobResult {
  encodes: EncodeResult[];
  decodes: DecodeResult[];
  performance?: Optional<BuildPerformance>;
}

export interface ImageInfo {
  preferred_mime_type: string;
  preferred_extension: string;
  image_width: number;
  image_height: number;
  frame_decodes_into: PixelFormat;
  lossless: boolean;
  multiple_frames: boolean;
}

export interface VersionInfo {
  long_version_string: string;
  last_git_commit: string;
  dirty_working_tree: boolean;
  build_date: string;
  git_tag: string | null;
  git_describe_always: string;
}
