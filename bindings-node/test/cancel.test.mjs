/** Cancelling: an AbortError soon after the signal, whatever the job is doing. */

import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FromBuffer, FromFile, FromStream, Pipeline, Steps, concurrency, getImageInfo, presets } from '@imazen/imageflow';
import { picture, slowPicture } from './pictures.mjs';

const small = await picture(presets.lodepng());
const slow = await slowPicture();
const slowJob = () => new Steps(new FromBuffer(slow)).toBuffer(presets.lodepng(true), 'out');

function isAbortError(reason) {
  return (error) => {
    assert.equal(error.name, 'AbortError', error.stack);
    assert.equal(error.code, 'ABORT_ERR');
    if (reason !== undefined) assert.equal(error.cause, reason);
    return true;
  };
}

/** Milliseconds from `abort` to the rejection. */
async function latency(run, after) {
  const controller = new AbortController();
  const reason = new Error('the user went away');
  const running = assert.rejects(run(controller.signal), isAbortError(reason));
  await sleep(after);
  const start = performance.now();
  controller.abort(reason);
  await running;
  return performance.now() - start;
}

test('in the middle of a job: within 100 ms', async () => {
  const all = [];
  for (const after of [5, 20, 60, 120, 200]) all.push(await latency((signal) => slowJob().execute({ signal }), after));
  console.log(`cancelled after ${all.map((ms) => ms.toFixed(1)).join(', ')} ms`);
  assert.ok(Math.max(...all) < 100, `${all}`);
});

test('a pipeline, too', async () => {
  const pipeline = new Pipeline(new FromBuffer(slow));
  assert.ok((await latency((signal) => pipeline.execute(presets.lodepng(true), { signal }), 50)) < 100);
});

test('beforehand: the source is not even read', async () => {
  const source = new FromBuffer(small);
  source.toBuffer = () => assert.fail('was read');
  const signal = AbortSignal.abort();
  await assert.rejects(new Steps(source).toBuffer('gif').execute({ signal }), isAbortError(signal.reason));
  await assert.rejects(getImageInfo(source, { signal }), isAbortError(signal.reason));
});

test('while waiting for other jobs', async () => {
  const before = concurrency();
  concurrency(1);
  try {
    const first = new AbortController();
    const running = assert.rejects(slowJob().execute({ signal: first.signal }), isAbortError());
    await sleep(20);
    assert.ok((await latency((signal) => slowJob().execute({ signal }), 5)) < 100);
    first.abort();
    await running;
    // The one that left the queue must not have taken its place along.
    assert.equal((await new Pipeline(new FromBuffer(small)).execute('gif')).response.code, 200);
  } finally {
    concurrency(before);
  }
});

test('while a stream is being read; the stream is closed', async () => {
  const stalled = new PassThrough();
  stalled.write(small.subarray(0, 10));
  assert.ok((await latency((signal) => new Steps(new FromStream(stalled)).toBuffer('gif').execute({ signal }), 10)) < 100);
  assert.ok(stalled.destroyed);
});

test('while a source that knows nothing of signals is being read', async () => {
  const never = new FromBuffer(small);
  never.toBuffer = () => new Promise(() => {});
  assert.ok((await latency((signal) => new Steps(never).toBuffer('gif').execute({ signal }), 10)) < 100);
});

test('while a stream is being written', async () => {
  const stuck = new PassThrough({ highWaterMark: 1 });
  assert.ok((await latency((signal) => new Steps(new FromBuffer(small)).toStream('gif', stuck).execute({ signal }), 100)) < 100);
});

test('a timeout is a cancellation with its reason as cause', async () => {
  await assert.rejects(slowJob().execute({ signal: AbortSignal.timeout(30) }), (error) => {
    assert.equal(error.cause.name, 'TimeoutError');
    return isAbortError()(error);
  });
});

test('a signal that is aborted after the job changes nothing', async () => {
  const controller = new AbortController();
  const { jobResult } = await new Steps(new FromBuffer(small)).toBuffer('gif').execute({ signal: controller.signal });
  controller.abort();
  assert.equal(jobResult.encodes.length, 1);
});

test('a file that is missing is not taken for a cancellation', async () => {
  const { signal } = new AbortController();
  await assert.rejects(new Steps(new FromFile('/no/such')).toBuffer('gif').execute({ signal }), { code: 'ENOENT' });
});

test('the event loop turns while the engine works', async () => {
  const controller = new AbortController();
  const running = assert.rejects(slowJob().execute({ signal: controller.signal }), isAbortError());
  let turns = 0;
  const timer = setInterval(() => (turns += 1), 5);
  await sleep(200);
  clearInterval(timer);
  controller.abort();
  await running;
  assert.ok(turns > 10, `${turns}`);
});
