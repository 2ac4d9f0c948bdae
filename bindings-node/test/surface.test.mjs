/** Every name that programs written for the 2.x client use, and every one added since. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { test } from 'node:test';
import * as imported from '@imazen/imageflow';
import { PACKAGE } from './pictures.mjs';

const required = createRequire(import.meta.url)('@imazen/imageflow');

const EXPORTS = [
  'AbortError', 'DecodeOptions', 'ERROR_CATEGORIES', 'FromBuffer', 'FromFile', 'FromStream', 'FromURL', 'ImageflowError',
  'NativeJob', 'Pipeline', 'Steps', 'concurrency', 'getImageInfo', 'getLongVersionString', 'getVersionInfo', 'presets',
];

const TRANSFORMS = [
  'applyOrientation', 'colorFilterAlpha', 'colorFilterBrightness', 'colorFilterContrast', 'colorFilterGrayscaleBt709',
  'colorFilterGrayscaleFlat', 'colorFilterGrayscaleNtsc', 'colorFilterGrayscaleRY', 'colorFilterInvert',
  'colorFilterSaturation', 'colorFilterSepia', 'colorMatrixSrgb', 'command', 'constrain', 'constrainWithin', 'crop',
  'cropWhitespace', 'distort', 'expandCanvas', 'fillRect', 'flipHorizontal', 'flipVertical', 'region', 'regionPercent',
  'rotate180', 'rotate270', 'rotate90', 'roundImageCorners', 'transpose', 'watermark', 'watermarkRedDot', 'whiteBalance',
];

const MEMBERS = {
  Steps: [
    ...TRANSFORMS, 'branch', 'copyRectToCanvas', 'createCanvas', 'decode', 'drawImageExactTo', 'encode', 'execute',
    'executeCommand', 'toBuffer', 'toFile', 'toJSON', 'toJpeg', 'toPng', 'toStream', 'toWebP',
  ],
  Pipeline: [...TRANSFORMS, 'encodeTo', 'execute'],
  DecodeOptions: [
    'colorProfile', 'discardColorProfile', 'ignoreColorProfileError', 'selectFrame', 'setJpegDownscaleHint',
    'setWebpDecoderHints', 'toDecoderCommands',
  ],
  FromFile: ['ioID', 'setIOID', 'toBuffer', 'toOutput'],
  FromBuffer: ['ioID', 'setIOID', 'toBuffer', 'toOutput'],
  FromStream: ['ioID', 'setIOID', 'toBuffer', 'toOutput'],
  FromURL: ['ioID', 'setIOID', 'toBuffer', 'toOutput'],
  NativeJob: ['addInputBytes', 'addOutputBuffer', 'clean', 'getOutputBufferBytes', 'message', 'messageSync'],
};

const PRESETS = [
  'auto', 'format', 'gif', 'libjpegTurbo', 'libpng', 'lodepng', 'mozjpeg', 'pngquant', 'webpLossless', 'webpLossy',
];

/** The public members of a class and its bases; those that only TypeScript knows as protected are not meant. */
function members(type) {
  const names = new Set();
  for (let p = type.prototype; p !== Object.prototype; p = Object.getPrototypeOf(p)) {
    for (const name of Object.getOwnPropertyNames(p)) names.add(name);
  }
  for (const name of ['constructor', 'append', 'input']) names.delete(name);
  return [...names].sort();
}

test('import and require give the same names and the same values', () => {
  assert.deepEqual(Object.keys(imported).filter((name) => name !== 'default' && name !== 'module.exports').sort(), EXPORTS);
  assert.deepEqual(Object.keys(required).sort(), EXPORTS);
  for (const name of EXPORTS) assert.equal(imported[name], required[name], name);
});

for (const [type, expected] of Object.entries(MEMBERS)) {
  test(`${type} has its members`, () => assert.deepEqual(members(imported[type]), [...expected].sort()));
}

test('presets has its members', () => assert.deepEqual(Object.keys(imported.presets).sort(), PRESETS));

test('every member compiles with the types it had', () => {
  for (const resolution of ['nodenext', 'bundler']) {
    const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
    const options = ['--ignoreConfig', '--noEmit', '--strict', '--target', 'es2022', '--module', module, '--moduleResolution', resolution];
    for (const file of ['surface.mts', ...(resolution === 'nodenext' ? ['surface-cjs.cts'] : [])]) {
      const tsc = join(PACKAGE, 'node_modules/typescript/bin/tsc');
      try {
        execFileSync(process.execPath, [tsc, ...options, '--types', 'node', join(PACKAGE, 'test/types', file)], { cwd: PACKAGE });
      } catch (error) {
        assert.fail(`${file}, ${resolution}:\n${error.stdout}`);
      }
    }
  }
});
