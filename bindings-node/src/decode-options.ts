/** What a decoder is told before it reads the picture. */

import type { ColorProfile, DecoderCommand, Node } from './types';

export class DecodeOptions {
  readonly #commands = new Map<string, DecoderCommand>();

  /** JPEG: decode smaller than stored, but not smaller than this. */
  setJpegDownscaleHint(
    width: number,
    height: number,
    options: { scaleLumaSpatially?: boolean; gammaCorrectForSrgbDuringSpatialLumaScaling?: boolean } = {},
  ): this {
    return this.#add({
      jpeg_downscale_hints: {
        width,
        height,
        scale_luma_spatially: options.scaleLumaSpatially,
        gamma_correct_for_srgb_during_spatial_luma_scaling: options.gammaCorrectForSrgbDuringSpatialLumaScaling,
      },
    });
  }

  /** Treats the pixels as sRGB, whatever profile the file has. */
  discardColorProfile(): this {
    return this.#add('discard_color_profile');
  }

  /** A profile that cannot be used is ignored instead of failing the job. */
  ignoreColorProfileError(): this {
    return this.#add('ignore_color_profile_errors');
  }

  /** WebP: decode to exactly this size. */
  setWebpDecoderHints(width: number, height: number): this {
    return this.#add({ webp_decoder_hints: { width, height } });
  }

  /** Animations: decode this frame only; 0 is the first. */
  selectFrame(index: number): this {
    return this.#add({ select_frame: index });
  }

  /** The colour space of the pixels, and of the files encoded from them; sRGB by default. */
  colorProfile(profile: ColorProfile): this {
    return this.#add({ color_profile: profile });
  }

  toDecoderCommands(): DecoderCommand[] {
    return [...this.#commands.values()];
  }

  #add(command: DecoderCommand): this {
    const name = typeof command === 'string' ? command : Object.keys(command)[0]!;
    if (this.#commands.has(name)) throw new Error(`duplicate options are not allowed: ${name}`);
    this.#commands.set(name, command);
    return this;
  }
}

/** The node that decodes input `id`. */
export function decodeNode(id: number, options: DecodeOptions | undefined): Node {
  const commands = options?.toDecoderCommands() ?? [];
  return { decode: { io_id: id, commands: commands.length > 0 ? commands : undefined } };
}
