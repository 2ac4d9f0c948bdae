/**
 * Formats to encode to, with their settings. What is left out keeps the engine's default; where imageflow 2.x has none and
 * refuses the message, there is one here.
 */

import type { AutoPreset, Color, EncoderHints, EncoderPreset, FormatPreset, OutputImageFormat, PngBitDepth, QualityProfile } from './types';

export function gif(): EncoderPreset {
  return 'gif';
}

/** JPEG, small. Quality 0 to 100; progressive unless told otherwise; `matte` is what shows through transparent pixels. */
export function mozjpeg(quality?: number, options: { progressive?: boolean; matte?: Color } = {}): EncoderPreset {
  return { mozjpeg: { quality, progressive: options.progressive, matte: options.matte } };
}

export function webpLossy(quality = 80): EncoderPreset {
  return { webplossy: { quality } };
}

export function webpLossless(): EncoderPreset {
  return 'webplossless';
}

/** PNG, lossless. */
export function lodepng(maximumDeflate?: boolean): EncoderPreset {
  return { lodepng: { maximum_deflate: maximumDeflate } };
}

/** PNG with at most 256 colours; lossless instead when `minQuality` cannot be reached. */
export function pngquant(
  quality?: number,
  minQuality?: number,
  options: { speed?: number; maximumDeflate?: boolean } = {},
): EncoderPreset {
  return {
    pngquant: { quality, minimum_quality: minQuality, speed: options.speed, maximum_deflate: options.maximumDeflate },
  };
}

/** JPEG, baseline unless told otherwise. */
export function libjpegTurbo(
  quality?: number,
  options: { progressive?: boolean; optimizeHuffmanCoding?: boolean; matte?: Color } = {},
): EncoderPreset {
  return {
    libjpegturbo: {
      quality,
      progressive: options.progressive,
      optimize_huffman_coding: options.optimizeHuffmanCoding,
      matte: options.matte,
    },
  };
}

/** PNG, lossless, 24 or 32 bits. */
export function libpng(options: { depth?: PngBitDepth; matte?: Color; zlibCompression?: number } = {}): EncoderPreset {
  return { libpng: { depth: options.depth, matte: options.matte, zlib_compression: options.zlibCompression } };
}

/** The engine chooses the format. */
export function auto(profile: QualityProfile = 'good', options: Omit<AutoPreset, 'quality_profile'> = {}): EncoderPreset {
  return { auto: { quality_profile: profile, ...options } };
}

/** A format by name; by default that of the source. */
export function format(
  format: OutputImageFormat = 'keep',
  options: { qualityProfile?: QualityProfile; encoderHints?: EncoderHints } & Omit<
    FormatPreset,
    'format' | 'quality_profile' | 'encoder_hints'
  > = {},
): EncoderPreset {
  const { qualityProfile, encoderHints, ...rest } = options;
  return { format: { format, quality_profile: qualityProfile, encoder_hints: encoderHints, ...rest } };
}
