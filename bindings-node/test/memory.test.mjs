/** 10 000 jobs, with the collector at work all the time: the process does not grow. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FromBuffer, Steps, presets } from '@imazen/imageflow';
import { picture } from './pictures.mjs';

const png = await picture(presets.lodepng(), 64, 64);
const broken = png.subarray(0, 60);

/** Least squares: bytes per job. */
function slope(points) {
  const mean = (values) => values.reduce((a, b) => a + b, 0) / values.length;
  const [x, y] = [mean(points.map((p) => p[0])), mean(points.map((p) => p[1]))];
  const numerator = points.reduce((total, [a, b]) => total + (a - x) * (b - y), 0);
  return numerator / points.reduce((total, [a]) => total + (a - x) ** 2, 0);
}

async function growth(jobs, run) {
  // Pools and caches fill first.
  const warmUp = 2000;
  const points = [];
  for (let i = 0; i < warmUp + jobs; i++) {
    await run(i);
    if (i % 50 === 0) gc();
    if (i >= warmUp && i % 200 === 0) points.push([i, process.memoryUsage().rss]);
  }
  const bytes = slope(points);
  const [first, last] = [points[0][1], points.at(-1)[1]];
  console.log(`${jobs} jobs: ${bytes.toFixed(0)} bytes of RSS per job; ${(first / 2 ** 20).toFixed(1)} → ${(last / 2 ** 20).toFixed(1)} MiB`);
  return bytes;
}

test('10 000 jobs', async () => {
  const bytes = await growth(10_000, async () => {
    const { buffers } = await new Steps(new FromBuffer(Buffer.from(png))).toBuffer(presets.lodepng(), 'out').execute();
    assert.ok(buffers.out.length > 0);
  });
  // A leaked response or output is some hundred bytes; a leaked context or picture, thousands.
  assert.ok(bytes < 100, `${bytes} bytes per job`);
});

test('5 000 jobs that fail or are cancelled', async () => {
  const bytes = await growth(5000, async (i) => {
    const source = new FromBuffer(Buffer.from(i % 2 ? png : broken));
    const signal = i % 2 ? AbortSignal.timeout(0) : undefined;
    await new Steps(source).toBuffer(presets.lodepng(), 'out').execute({ signal }).catch(() => {});
  });
  assert.ok(bytes < 200, `${bytes} bytes per job`);
});
