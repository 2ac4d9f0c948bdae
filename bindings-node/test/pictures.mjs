/** Pictures for the tests, made by the engine itself; and the corpus, where there is one. */

import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Steps, presets } from '@imazen/imageflow';

export const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));

const color = (hex) => ({ srgb: { hex } });

/** A canvas with rectangles on it: something to look at on every side. */
export function drawing(width, height) {
  return new Steps()
    .createCanvas(width, height, 'bgra_32', color('3366cc'))
    .fillRect(0, 0, width >> 1, height >> 1, color('ff0000'))
    .fillRect(width >> 1, height >> 1, width, height, color('00ff0080'));
}

export async function picture(preset, width = 64, height = 48) {
  const { buffers } = await drawing(width, height).toBuffer(preset, 'picture').execute();
  return buffers.picture;
}

/** One picture of each format, 64×48. */
export async function pictures() {
  return {
    jpeg: await picture(presets.mozjpeg(90)),
    png: await picture(presets.lodepng()),
    gif: await picture(presets.gif()),
    webp: await picture(presets.webpLossy(90)),
  };
}

/** A PNG that keeps the engine busy for seconds when it is encoded as PNG again; made once. */
let slow;
export async function slowPicture() {
  slow ??= await picture(presets.lodepng(), 6000, 5000);
  return slow;
}

/** The folder of the corpus; undefined where there is none. */
export function corpus() {
  const shared = process.env.IMAGEFLOW_SHARED ?? join(PACKAGE, '../../shared');
  const folder = join(shared, 'corpus');
  return existsSync(folder) ? folder : undefined;
}
