/** Each category of error that can be reached, and what the error tells. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AbortError, ERROR_CATEGORIES, FromBuffer, FromFile, FromURL, ImageflowError, NativeJob, Pipeline, Steps, getImageInfo, presets } from '@imazen/imageflow';
import { picture, slowPicture } from './pictures.mjs';

const png = await picture(presets.lodepng());
const toGif = (bytes) => new Steps(new FromBuffer(bytes)).toBuffer(presets.gif(), 'out');

/** Sends a message that `Steps` cannot express. */
async function send(endpoint, message) {
  const job = new NativeJob();
  try {
    const error = ImageflowError.fromResponse(JSON.parse(await job.message(endpoint, message)));
    if (error) throw error;
  } finally {
    job.clean();
  }
}

const CASES = [
  ['ArgumentInvalid', 400, 'coordinates outside the picture',
    () => new Steps(new FromBuffer(png)).crop(0, 0, 1000, 1000).toBuffer('gif').execute(), /1000/],
  ['ArgumentInvalid', 400, 'a limit',
    () => toGif(png).execute({ security: { max_decode_size: { w: 63, h: 100, megapixels: 1 } } }), /max_decode_size\.w 63/],
  ['ArgumentInvalid', 400, 'an unknown endpoint', () => send('v1/make_tea', '{}'), /InvalidMessageEndpoint/],
  ['InvalidJson', 400, 'a preset that does not exist', () => new Steps(new FromBuffer(png)).toBuffer('jpeg2000').execute(), /jpeg2000/],
  ['ImageMalformed', 400, 'a cut file', () => toGif(png.subarray(0, 60)).execute(), /ImageDecodingError/],
  ['ImageMalformed', 400, 'not a picture', () => toGif(Buffer.from('hello, world')).execute(), /NoEnabledDecoderFound/],
  ['ImageMalformed', 400, 'an empty input', () => toGif(Buffer.alloc(0)).execute(), /NoEnabledDecoderFound/],
  ['ImageMalformed', 400, 'information about something that is not a picture',
    () => getImageInfo(new FromBuffer(Buffer.from('hello, world'))), /NoEnabledDecoderFound/],
  ['GraphInvalid', 400, 'a cycle',
    () => send('v1/execute', { framewise: { graph: { nodes: { 0: 'flip_v' }, edges: [{ from: 0, to: 0, kind: 'input' }] } } }), /GraphInvalid/],
  ['IoError', 500, 'a file the engine cannot read',
    () => send('v1/build', { io: [{ io_id: 0, direction: 'in', io: { file: '/no/such/picture.png' } }], framewise: { steps: [] } }), /IoError/],
  ['UpstreamError', 502, 'a server that cannot be reached', () => getImageInfo(new FromURL('http://127.0.0.1:9/a.png')), /127\.0\.0\.1:9/],
];

for (const [category, status, name, run, message] of CASES) {
  test(`${category}: ${name}`, async () => {
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof ImageflowError, error.stack);
      assert.ok(error instanceof Error);
      assert.equal(error.name, 'ImageflowError');
      assert.equal(error.categoryName, category, error.message);
      assert.equal(error.category, ERROR_CATEGORIES.indexOf(category));
      assert.deepEqual([error.code, error.httpStatus], [status, status]);
      assert.match(error.message, message);
      return true;
    });
  });
}

test('OperationCancelled: a job that is used after it was cancelled', async () => {
  const job = new NativeJob();
  job.addInputBytes(0, await slowPicture());
  job.addOutputBuffer(1);
  const steps = [{ decode: { io_id: 0 } }, { encode: { io_id: 1, preset: presets.lodepng(true) } }];
  const running = job.message('v1/execute', { framewise: { steps } }, { signal: AbortSignal.timeout(30) });
  await assert.rejects(running, AbortError);
  const again = ImageflowError.fromResponse(JSON.parse(job.messageSync('v1/get_version_info', {})));
  assert.deepEqual([again.categoryName, again.code], ['OperationCancelled', 499]);
  assert.throws(() => job.addOutputBuffer(2), { categoryName: 'OperationCancelled', code: 499 });
  job.clean();
});

test('the response of a failed job is at hand; there is none when an input is refused', async () => {
  const refused = await toGif(Buffer.from('hello, world')).execute().catch((error) => error);
  assert.equal(refused.response, undefined);
  const failed = await toGif(png.subarray(0, 60)).execute().catch((error) => error);
  assert.deepEqual({ ...failed.response, message: '' }, { code: 400, success: false, message: '', data: 'none' });
  assert.equal(failed.response.message, failed.message);
});

test('fromResponse: null on success', () => {
  assert.equal(ImageflowError.fromResponse({ code: 200, success: true, message: 'OK', data: 'none' }), null);
  const error = ImageflowError.fromResponse({ code: 403, success: false, message: 'ActionForbidden: no at', data: 'none' });
  assert.deepEqual([error.code, error.category, error.categoryName], [403, 9, 'ActionForbidden']);
});

test('an error made by hand has the category its message begins with', () => {
  assert.equal(new ImageflowError(503, 'OutOfMemory: AllocationFailed at').category, 1);
  assert.equal(new ImageflowError(500, 'something else').categoryName, 'Unknown');
});

test('the text of a long error is whole', async () => {
  const key = 'x'.repeat(1500);
  await assert.rejects(new Steps(new FromBuffer(png)).toBuffer(key).execute(), (error) => error.message.includes(key));
});

test('errors of files are those of Node', async () => {
  await assert.rejects(getImageInfo(new FromFile('/no/such/picture.png')), { code: 'ENOENT' });
  const bytes = new Steps(new FromBuffer(png)).toFile('gif', '/no/such/folder/picture.gif');
  await assert.rejects(bytes.execute(), { code: 'ENOENT' });
});

test('mistakes in calls are told at the call', async () => {
  assert.throws(() => new Steps().constrainWithin(1, 1), /decode must be the first node in graph/);
  assert.throws(() => new Steps().toBuffer('gif'), /decode must be the first node in graph/);
  assert.throws(() => new Steps().watermark(new FromBuffer(png)), /decode must be the first node in graph/);
  assert.throws(() => new Steps().branch(() => {}), /decode must be the first node in graph/);
  assert.throws(() => toGif(png).drawImageExactTo(() => {}, { x: 0, y: 0, w: 1, h: 1 }), /decode must be the first node in graph/);
  await assert.rejects(new Pipeline(new FromBuffer(png)).execute(), /no preset; call encodeTo/);
  await assert.rejects(new Pipeline(new FromBuffer(null)).execute('gif'), /nothing to decode/);
  const twice = new FromBuffer(null, 'a');
  assert.throws(() => toGif(png).encode(twice, 'gif').encode(twice, 'gif'), /already receives a picture/);
  await assert.rejects(toGif(png).toBuffer('gif', 'out').execute(), /two outputs have the key "out"/);
});
