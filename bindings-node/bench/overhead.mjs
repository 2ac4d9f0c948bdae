/**
 * What the binding costs per job: 64×64 PNG → PNG through `Steps`, against the same calls of the C library made from C.
 *
 *     IMAGEFLOW_LIBRARY_PATH=… node bench/overhead.mjs [rounds]
 *
 * Both run one job after another; rounds alternate, and the medians are compared. Needs cc.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FromBuffer, NativeJob, Steps, presets } from '@imazen/imageflow';

const JOBS = 500;
const rounds = Number(process.argv[2] ?? 9);
const given = process.env.IMAGEFLOW_LIBRARY_PATH ?? '.';
const library = statSync(given).isDirectory() ? join(given, 'libimageflow.so') : given;
const here = dirname(fileURLToPath(import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'imageflow-bench-'));

const { buffers } = await new Steps()
  .createCanvas(64, 64, 'bgra_32', { srgb: { hex: '3366cc' } })
  .fillRect(0, 0, 32, 32, { srgb: { hex: 'ff0000' } })
  .toBuffer(presets.lodepng(), 'png')
  .execute();
const job = () => new Steps(new FromBuffer(buffers.png)).toBuffer(presets.lodepng(), 'out');

writeFileSync(join(folder, 'in.png'), buffers.png);
writeFileSync(join(folder, 'job.json'), JSON.stringify(job()));
const program = join(folder, 'overhead');
execFileSync('cc', ['-O2', '-o', program, join(here, 'overhead.c'), '-ldl']);

/** Microseconds per job. */
const contenders = {
  'C ABI from C': () => Number(execFileSync(program, [library, join(folder, 'in.png'), join(folder, 'job.json'), String(JOBS)])),
  'C ABI from Node, synchronously': () => time(() => {
    const native = new NativeJob();
    native.addInputBytes(0, buffers.png);
    native.addOutputBuffer(1);
    native.messageSync('v1/execute', job().toJSON());
    native.getOutputBufferBytes(1);
    native.clean();
  }),
  'Steps': () => time(() => job().execute()),
};

async function time(run) {
  for (let i = 0; i < 50; i++) await run();
  const start = performance.now();
  for (let i = 0; i < JOBS; i++) await run();
  return ((performance.now() - start) * 1000) / JOBS;
}

const median = (values) => values.sort((a, b) => a - b)[values.length >> 1];
const times = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(contenders)) times[name].push(await run());
}
const base = median(times['C ABI from C']);
for (const [name, values] of Object.entries(times)) {
  const value = median(values);
  console.log(`${name.padEnd(34)} ${value.toFixed(0).padStart(5)} µs per job  ${(value - base).toFixed(0).padStart(5)} µs more`);
}
