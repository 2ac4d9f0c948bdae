/** Every program in the README runs as it stands. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { presets } from '@imazen/imageflow';
import { PACKAGE, picture } from './pictures.mjs';

const text = readFileSync(join(PACKAGE, 'README.md'), 'utf8');
const programs = [...text.matchAll(/^```(js|cjs)\n(.*?)^```$/gms)].map(([, kind, source]) => ({ kind, source }));

const folder = mkdtempSync(join(tmpdir(), 'imageflow-readme-'));
mkdirSync(join(folder, 'node_modules/@imazen'), { recursive: true });
symlinkSync(PACKAGE, join(folder, 'node_modules/@imazen/imageflow'));
writeFileSync(join(folder, 'photo.jpg'), await picture(presets.mozjpeg(90), 1200, 900));
writeFileSync(join(folder, 'logo.png'), await picture(presets.lodepng(), 100, 40));

const OUTPUTS = new Map([
  ["toBuffer(presets.mozjpeg(85), 'out')", /^\d+ 400$/],
  ['require(', /^\d+$/],
  ['.branch(', /^\[ 'large', 'square', 'small' \]$/],
  ['getImageInfo', /^1200 900 image\/jpeg imageflow/],
  ['not a picture', /^400 ImageMalformed$/],
  ['concurrency(2)', /^2$/],
]);

programs.forEach(({ kind, source }, index) => {
  test(`program ${index + 1}: ${source.split('\n').find((line) => line.startsWith('await') || line.includes('new '))?.trim() ?? kind}`, () => {
    const file = join(folder, `program-${index}.${kind === 'cjs' ? 'cjs' : 'mjs'}`);
    writeFileSync(file, source);
    const output = execFileSync(process.execPath, [file], { cwd: folder, encoding: 'utf8' }).trim();
    const expected = [...OUTPUTS].find(([part]) => source.includes(part))?.[1] ?? /^$/;
    assert.match(output, expected);
  });
});

test('there are as many programs as expected, and they leave their files', () => {
  assert.equal(programs.length, 10);
  for (const name of ['thumbnail.jpg', 'framed.png', 'small.webp']) assert.ok(readdirSync(folder).includes(name), name);
});
