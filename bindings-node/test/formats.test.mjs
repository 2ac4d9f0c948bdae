/** Every format in, resized, every encoder out: sizes and types are right. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FromBuffer, FromFile, ImageflowError, Pipeline, Steps, getImageInfo, presets } from '@imazen/imageflow';
import { corpus, pictures } from './pictures.mjs';

const ENCODERS = {
  gif: [presets.gif(), 'image/gif', 'gif'],
  mozjpeg: [presets.mozjpeg(80), 'image/jpeg', 'jpg'],
  libjpegTurbo: [presets.libjpegTurbo(80), 'image/jpeg', 'jpg'],
  webpLossy: [presets.webpLossy(80), 'image/webp', 'webp'],
  'webpLossy by default': [presets.webpLossy(), 'image/webp', 'webp'],
  webpLossless: [presets.webpLossless(), 'image/webp', 'webp'],
  lodepng: [presets.lodepng(), 'image/png', 'png'],
  libpng: [presets.libpng(), 'image/png', 'png'],
  pngquant: [presets.pngquant(80, 20), 'image/png', 'png'],
  'format webp': [presets.format('webp', { qualityProfile: 'good' }), 'image/webp', 'webp'],
};

const MAGIC = { gif: 'GIF8', jpg: '\xff\xd8\xff', webp: 'RIFF', png: '\x89PNG' };

const inputs = await pictures();

for (const [format, bytes] of Object.entries(inputs)) {
  for (const [encoder, [preset, mimeType, extension]] of Object.entries(ENCODERS)) {
    test(`${format} → ${encoder}`, async () => {
      const { jobResult, buffers, response } = await new Steps(new FromBuffer(bytes))
        .constrainWithin(32, 32)
        .toBuffer(preset, 'out')
        .execute();
      assert.equal(response.success, true);
      const [encode] = jobResult.encodes;
      assert.deepEqual([encode.w, encode.h], [32, 24]);
      assert.deepEqual([encode.preferred_mime_type, encode.preferred_extension], [mimeType, extension]);
      assert.deepEqual([jobResult.decodes[0].w, jobResult.decodes[0].h], [64, 48]);
      assert.ok(buffers.out.toString('latin1').startsWith(MAGIC[extension]));
      const info = await getImageInfo(new FromBuffer(buffers.out));
      assert.deepEqual([info.image_width, info.image_height, info.preferred_mime_type], [32, 24, mimeType]);
    });
  }

  test(`${format} → the same format, and one the engine chooses`, async () => {
    const { jobResult } = await new Pipeline(new FromBuffer(bytes)).constrainWithin(20).execute(presets.format());
    assert.equal(jobResult.encodes[0].preferred_mime_type, `image/${format}`);
    assert.deepEqual([jobResult.encodes[0].w, jobResult.encodes[0].h], [20, 15]);
    const auto = await new Pipeline(new FromBuffer(bytes)).encodeTo(presets.auto()).execute();
    assert.match(auto.jobResult.encodes[0].preferred_mime_type, /^image\/(jpeg|png|gif)$/);
  });
}

const folder = corpus();

/** Well-formed files of the corpus that the engine refuses; tests/tests/all/corpus.rs says why. */
const REFUSED = [
  'gif/artificial-gif-no-frames.gif', 'gif/images-decompression_bomb.gif', 'gif/images-no_palette.gif',
  'photos/testimgl.jpg',
];

test('the corpus, by a fixed sample of each folder', { skip: !folder && 'there is no corpus' }, async () => {
  for (const part of ['photos', 'graphics', 'pngsuite', 'webp', 'gif']) {
    // Every file would take minutes; the engine's own tests do that.
    const names = readdirSync(join(folder, part)).filter((name) => /\.(jpe?g|png|webp|gif)$/.test(name) && !REFUSED.includes(`${part}/${name}`)).sort();
    const step = Math.ceil(names.length / 12);
    const sample = names.filter((_, index) => index % step === 0);
    assert.ok(sample.length > 0, part);
    for (const name of sample) {
      const source = new FromFile(join(folder, part, name));
      const info = await getImageInfo(source);
      const preset = Object.values(ENCODERS)[names.indexOf(name) % Object.keys(ENCODERS).length];
      const { jobResult, outputBuffer } = await new Pipeline(source)
        .constrain({ mode: 'distort', w: 40, h: 30 })
        .execute(preset[0]);
      assert.deepEqual([jobResult.encodes[0].w, jobResult.encodes[0].h], [40, 30], name);
      assert.equal(jobResult.encodes[0].preferred_mime_type, preset[1], name);
      assert.deepEqual([jobResult.decodes[0].w, jobResult.decodes[0].h], [info.image_width, info.image_height], name);
      assert.ok(outputBuffer.length > 0, name);
    }
  }
});

test('damaged files are decoded or refused, and never end the process', { skip: !folder && 'there is no corpus' }, async () => {
  const names = readdirSync(join(folder, 'malformed')).filter((name) => /\.(jpe?g|png|webp|gif)$/.test(name)).sort();
  assert.ok(names.length > 0);
  let refused = 0;
  for (const name of names) {
    try {
      await new Pipeline(new FromFile(join(folder, 'malformed', name))).constrainWithin(16, 16).execute(presets.lodepng());
    } catch (error) {
      assert.ok(error instanceof ImageflowError, `${name}: ${error}`);
      assert.notEqual(error.categoryName, 'InternalError', `${name}: ${error.message}`);
      refused += 1;
    }
  }
  assert.ok(refused > 0);
});
