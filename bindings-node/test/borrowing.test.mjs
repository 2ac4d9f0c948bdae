/** What the native side is told about inputs, seen by a library that counts: nothing is copied, nothing is freed early. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { FromBuffer, NativeJob, Steps } from '@imazen/imageflow';
import { PACKAGE } from './pictures.mjs';

const library = join(mkdtempSync(join(tmpdir(), 'imageflow-')), 'libcounting.so');
const flags = ['-std=c11', '-Wall', '-Wextra', '-Werror', '-shared', '-fPIC', '-o', library];
execFileSync('cc', [...flags, join(PACKAGE, 'test/counting-library.c')]);
// The library is loaded on first use, which is below.
process.env.IMAGEFLOW_LIBRARY_PATH = library;

function count() {
  const job = new NativeJob();
  const counts = JSON.parse(job.messageSync('count', '{}'));
  job.clean();
  // The job and response that ask are not meant.
  return { ...counts, created: counts.created - 1, responses: counts.responses - 1 };
}

/** What `run` adds to the counts. */
async function counted(run) {
  const before = count();
  await run();
  const after = count();
  // The job that asked before is destroyed by now.
  return Object.fromEntries(Object.entries(after).map(([key, value]) => [key, value - before[key] - (['created', 'destroyed'].includes(key) ? 1 : 0)]));
}

/** Memory that the collector would love to reuse. */
async function disturb() {
  let garbage = [];
  for (let i = 0; i < 20; i++) garbage.push(Buffer.alloc(100_000, 0xee), new Uint8Array(32).fill(0xee), { i });
  garbage = undefined;
  gc();
  await sleep(0);
  gc();
}

test('the engine reads the very bytes of the Buffer', () => {
  const bytes = Buffer.from([1, 2, 3]);
  const job = new NativeJob();
  job.addInputBytes(0, bytes);
  assert.equal(job.messageSync('first', '{}'), '1');
  bytes[0] = 77;
  assert.equal(job.messageSync('first', '{}'), '77');
  job.clean();
});

test('every kind of Buffer and Uint8Array is borrowed, and stays where it is until the job is done', async () => {
  const kinds = {
    'from the pool': () => Buffer.from('abcdef'),
    'of its own': () => Buffer.alloc(1 << 20, 7),
    'a small array, which V8 keeps in its own heap': () => new Uint8Array(16).fill(9),
    'a part of a buffer': () => Buffer.alloc(1000, 3).subarray(10, 20),
    empty: () => Buffer.alloc(0),
  };
  for (const [kind, make] of Object.entries(kinds)) {
    const counts = await counted(async () => {
      const job = new NativeJob();
      job.addInputBytes(0, make());
      await disturb();
      await job.message('v1/execute', '{}');
      await disturb();
      job.clean();
    });
    assert.deepEqual([counts.borrowed, counts.copied], [1, 0], kind);
    assert.equal(counts.sum_destroyed, counts.sum_added, kind);
  }
});

test('memory that may change or vanish is copied', async () => {
  const kinds = [new Uint8Array(new SharedArrayBuffer(8)), new Uint8Array(new ArrayBuffer(8, { maxByteLength: 16 }))];
  for (const bytes of kinds) {
    const counts = await counted(() => {
      const job = new NativeJob();
      job.addInputBytes(0, bytes);
      job.clean();
    });
    assert.deepEqual([counts.borrowed, counts.copied], [0, 1]);
  }
});

test('a job of Steps borrows its inputs, and releases everything', async () => {
  const counts = await counted(async () => {
    for (let i = 0; i < 100; i++) {
      const { buffers } = await new Steps(new FromBuffer(Buffer.alloc(1000, i)))
        .watermark(new FromBuffer(Buffer.alloc(500, i)))
        .toBuffer('gif', 'a')
        .toBuffer('gif', 'b')
        .execute();
      assert.equal(buffers.a.toString(), 'picture');
      assert.equal(buffers.b.toString(), 'picture');
      if (i % 10 === 0) await disturb();
    }
  });
  assert.deepEqual([counts.borrowed, counts.copied, counts.created, counts.destroyed, counts.responses], [200, 0, 100, 100, 0]);
  assert.equal(counts.sum_destroyed, counts.sum_added);
});

test('a job that fails or is cancelled releases everything', async () => {
  const counts = await counted(async () => {
    const cancelled = new AbortController();
    const running = new Steps(new FromBuffer(Buffer.alloc(9))).toBuffer('gif').execute({ signal: cancelled.signal });
    await sleep(0);
    cancelled.abort();
    await running.catch(() => {});
    const failing = new FromBuffer(null);
    failing.toOutput = () => Promise.reject(new Error('the disk is full'));
    await assert.rejects(new Steps(new FromBuffer(Buffer.alloc(9))).encode(failing, 'gif').execute(), /the disk is full/);
    await assert.rejects(new Steps(new FromBuffer('not bytes')).toBuffer('gif').execute(), /must be a Buffer or Uint8Array/);
  });
  assert.equal(counts.created, counts.destroyed);
  assert.equal(counts.responses, 0);
});

test('a job that is dropped is released when it is collected', async () => {
  const counts = await counted(async () => {
    for (let i = 0; i < 50; i++) new NativeJob().addInputBytes(0, Buffer.alloc(64, i));
    for (let i = 0; i < 20; i++) await disturb();
  });
  assert.equal(counts.created, 50);
  // The collector need not find every one of them at once.
  assert.ok(counts.destroyed >= 45, `${counts.destroyed}`);
});
