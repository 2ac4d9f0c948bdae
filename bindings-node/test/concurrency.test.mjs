/** Many jobs at once. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { FromBuffer, NativeJob, Steps, concurrency, getImageInfo, presets } from '@imazen/imageflow';
import { PACKAGE, pictures, slowPicture } from './pictures.mjs';

const inputs = Object.values(await pictures());

async function thumbnail(i, signal) {
  const { jobResult, buffers } = await new Steps(new FromBuffer(inputs[i % inputs.length]))
    .constrainWithin(10 + i)
    .toBuffer(presets.lodepng(), 'out')
    .execute({ signal });
  assert.equal(jobResult.encodes[0].w, 10 + i);
  assert.equal((await getImageInfo(new FromBuffer(buffers.out))).image_width, 10 + i);
}

test('32 jobs at once, with as many threads as allowed', async (t) => {
  const before = concurrency();
  t.after(() => concurrency(before));
  concurrency(32);
  await Promise.all(Array.from({ length: 32 }, (_, i) => thumbnail(i)));
});

test('1000 jobs at once wait for each other', async () => {
  await Promise.all(Array.from({ length: 1000 }, (_, i) => thumbnail(i % 40)));
});

test('one signal for many jobs gives no warning', async () => {
  const warnings = [];
  const listen = (warning) => warnings.push(warning);
  process.on('warning', listen);
  const { signal } = new AbortController();
  await Promise.all(Array.from({ length: 32 }, (_, i) => thumbnail(i, signal)));
  await new Promise((resolve) => setTimeout(resolve, 20));
  process.off('warning', listen);
  assert.deepEqual(warnings, []);
});

test('jobs leave room in the thread pool: files are read meanwhile', async () => {
  const bytes = await slowPicture();
  const controller = new AbortController();
  const jobs = Array.from({ length: 8 }, () =>
    assert.rejects(new Steps(new FromBuffer(bytes)).toBuffer(presets.lodepng(true)).execute({ signal: controller.signal })),
  );
  const start = performance.now();
  await readFile(`${PACKAGE}/package.json`);
  const waited = performance.now() - start;
  controller.abort();
  await Promise.all(jobs);
  // One of these jobs takes seconds.
  assert.ok(waited < 300, `${waited} ms`);
});

test('the limit: what it is, what it must be', () => {
  const before = concurrency();
  assert.ok(before >= 1 && before <= 3, `${before}`);
  assert.equal(concurrency(7), 7);
  assert.equal(concurrency(), 7);
  for (const wrong of [0, -1, 1.5, 129, NaN, '4']) assert.throws(() => concurrency(wrong), RangeError);
  assert.equal(concurrency(before), before);
});

test('a job does one thing at a time', async () => {
  const job = new NativeJob();
  job.addInputBytes(0, inputs[0]);
  const running = job.message('v1/get_image_info', { io_id: 0 });
  for (const attempt of [
    () => job.messageSync('v1/get_version_info', '{}'),
    () => job.addInputBytes(1, inputs[0]),
    () => job.addOutputBuffer(1),
    () => job.getOutputBufferBytes(1),
    () => job.clean(),
  ]) {
    assert.throws(attempt, /^Error: Already running a Job$/);
  }
  await assert.rejects(job.message('v1/get_version_info', '{}'), /^Error: Already running a Job$/);
  assert.equal(JSON.parse(await running).data.image_info.image_width, 64);
  job.clean();
});

test('worker threads have jobs of their own', async () => {
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    const { Pipeline, FromBuffer } = require('@imazen/imageflow');
    new Pipeline(new FromBuffer(workerData)).constrainWithin(7).execute('gif').then((r) => parentPort.postMessage(r.outputBuffer));`;
  const widths = await Promise.all(
    Array.from({ length: 4 }, async () => {
      // In the package's folder, so that the worker finds the package by its name.
      const worker = new Worker(source, { eval: true, workerData: inputs[0] });
      const bytes = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
      return (await getImageInfo(new FromBuffer(bytes))).image_width;
    }),
  );
  assert.deepEqual(widths, [7, 7, 7, 7]);
});

test('a worker may be ended in the middle of a job', async () => {
  const source = `
    const { workerData, parentPort } = require('node:worker_threads');
    const { Pipeline, FromBuffer, presets } = require('@imazen/imageflow');
    new Pipeline(new FromBuffer(workerData)).execute(presets.webpLossy(50));
    setTimeout(() => parentPort.postMessage('running'), 30);`;
  const bytes = await slowPicture();
  const worker = new Worker(source, { eval: true, workerData: bytes });
  await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  await thumbnail(1);
});
