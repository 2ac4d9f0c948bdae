/** What can be done to a picture, one method each; `Steps` and `Pipeline` say where the nodes go. */

import type { IOSource } from './io';
import type {
  Color, ColorFilterSrgb, ColorMatrix, Constraint, ConstraintGravity, Node, ResampleHints, RoundCornersMode,
  WatermarkConstraintBox, WatermarkConstraintMode,
} from './types';

export interface WatermarkOptions {
  gravity?: ConstraintGravity;
  fitMode?: WatermarkConstraintMode;
  fitBox?: WatermarkConstraintBox;
  /** 0 to 1. */
  opacity?: number;
  hints?: ResampleHints;
  /** The watermark is left out of pictures that are not wider, or not higher, than this. */
  minCanvasWidth?: number;
  minCanvasHeight?: number;
}

export abstract class Transforms {
  /** Adds a node after the current one. */
  protected abstract append(node: Node): this;
  /** Numbers another input of the job. */
  protected abstract input(source: IOSource): number;

  /** Shrinks to at most this size, keeping the shape; either number may be left out. Never enlarges. */
  constrainWithin(w?: number | null, h?: number | null): this {
    return this.constrain({ mode: 'within', w, h });
  }

  constrain(constraint: Constraint): this {
    return this.append({ constrain: constraint });
  }

  /** Resizes to exactly this size, whatever that does to the shape. */
  distort(w: number, h: number, hints?: ResampleHints): this {
    return this.append({ resample_2d: { w, h, hints } });
  }

  rotate90(): this {
    return this.append('rotate_90');
  }

  rotate180(): this {
    return this.append('rotate_180');
  }

  rotate270(): this {
    return this.append('rotate_270');
  }

  flipVertical(): this {
    return this.append('flip_v');
  }

  flipHorizontal(): this {
    return this.append('flip_h');
  }

  transpose(): this {
    return this.append('transpose');
  }

  /** Turns as an EXIF orientation flag says. Decoding a JPEG does so already. */
  applyOrientation(flag: number): this {
    return this.append({ apply_orientation: { flag } });
  }

  /** Keeps the pixels from x1, y1 up to but not including x2, y2, which must lie in the picture. */
  crop(x1: number, y1: number, x2: number, y2: number): this {
    return this.append({ crop: { x1, y1, x2, y2 } });
  }

  /** As `crop`, but the region may reach beyond the picture; `backgroundColor` fills it there. */
  region(x1: number, y1: number, x2: number, y2: number, backgroundColor: Color): this {
    return this.append({ region: { x1, y1, x2, y2, background_color: backgroundColor } });
  }

  /** As `region`, in percent of the picture's size. */
  regionPercent(x1: number, y1: number, x2: number, y2: number, backgroundColor: Color): this {
    return this.append({ region_percent: { x1, y1, x2, y2, background_color: backgroundColor } });
  }

  /** Crops to what is not background; 80 is a usual threshold. */
  cropWhitespace(threshold: number, percentPadding: number): this {
    return this.append({ crop_whitespace: { threshold, percent_padding: percentPadding } });
  }

  fillRect(x1: number, y1: number, x2: number, y2: number, color: Color): this {
    return this.append({ fill_rect: { x1, y1, x2, y2, color } });
  }

  expandCanvas(margins: { left?: number; top?: number; right?: number; bottom?: number }, color: Color): this {
    const { left = 0, top = 0, right = 0, bottom = 0 } = margins;
    return this.append({ expand_canvas: { left, top, right, bottom, color } });
  }

  /** A plain number is a radius in pixels. */
  roundImageCorners(radius: number | RoundCornersMode, backgroundColor: Color = 'transparent'): this {
    const mode = typeof radius === 'number' ? { pixels: radius } : radius;
    return this.append({ round_image_corners: { radius: mode, background_color: backgroundColor } });
  }

  watermark(source: IOSource, options: WatermarkOptions = {}): this {
    return this.append({
      watermark: {
        io_id: this.input(source),
        gravity: options.gravity,
        fit_mode: options.fitMode,
        fit_box: options.fitBox,
        opacity: options.opacity,
        hints: options.hints,
        min_canvas_width: options.minCanvasWidth,
        min_canvas_height: options.minCanvasHeight,
      },
    });
  }

  watermarkRedDot(): this {
    return this.append('watermark_red_dot');
  }

  colorFilterInvert(): this {
    return this.#colorFilter('invert');
  }

  colorFilterGrayscaleNtsc(): this {
    return this.#colorFilter('grayscale_ntsc');
  }

  colorFilterGrayscaleFlat(): this {
    return this.#colorFilter('grayscale_flat');
  }

  colorFilterGrayscaleBt709(): this {
    return this.#colorFilter('grayscale_bt709');
  }

  colorFilterGrayscaleRY(): this {
    return this.#colorFilter('grayscale_ry');
  }

  colorFilterSepia(): this {
    return this.#colorFilter('sepia');
  }

  colorFilterAlpha(alpha: number): this {
    return this.#colorFilter({ alpha });
  }

  colorFilterBrightness(brightness: number): this {
    return this.#colorFilter({ brightness });
  }

  colorFilterContrast(contrast: number): this {
    return this.#colorFilter({ contrast });
  }

  colorFilterSaturation(saturation: number): this {
    return this.#colorFilter({ saturation });
  }

  /** Rows are red, green, blue, alpha in, then an offset; columns are red, green, blue, alpha out. */
  colorMatrixSrgb(matrix: ColorMatrix): this {
    return this.append({ color_matrix_srgb: { matrix } });
  }

  /** `threshold`: the fraction of pixels that may be clipped. */
  whiteBalance(threshold?: number): this {
    return this.append({ white_balance_histogram_area_threshold_srgb: { threshold } });
  }

  /** An ImageResizer querystring, such as `width=100&height=50&mode=crop`. */
  command(value: string): this {
    return this.append({ command_string: { kind: 'ir4', value } });
  }

  #colorFilter(filter: ColorFilterSrgb): this {
    return this.append({ color_filter_srgb: filter });
  }
}
