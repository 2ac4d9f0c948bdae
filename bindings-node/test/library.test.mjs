/** Where the native library is looked for, and what is said when it is not there. Each case is a process of its own. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, statSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from './pictures.mjs';

const given = process.env.IMAGEFLOW_LIBRARY_PATH;
const isFolder = statSync(given).isDirectory();
const name = { darwin: 'libimageflow.dylib', win32: 'imageflow.dll' }[platform()] ?? 'libimageflow.so';
const file = isFolder ? join(given, name) : given;

function version(environment) {
  const script = "console.log(require('@imazen/imageflow').getLongVersionString())";
  const { IMAGEFLOW_LIBRARY_PATH: _, ...rest } = process.env;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script], { cwd: PACKAGE, env: { ...rest, ...environment }, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test('importing the package needs no library', () => {
  const env = { ...process.env, IMAGEFLOW_LIBRARY_PATH: '/no/such' };
  const script = "const { Steps, presets } = require('@imazen/imageflow'); new Steps().createCanvas(1, 1, 'bgra_32', 'black').toBuffer(presets.gif())";
  assert.equal(spawnSync(process.execPath, ['-e', script], { cwd: PACKAGE, env }).status, 0);
});

test('a file, and a folder', () => {
  for (const path of [file, dirname(file)]) assert.match(version({ IMAGEFLOW_LIBRARY_PATH: path }).stdout, /^imageflow/);
});

test('a path that is wrong: it and the reason are told, and nothing else is tried', () => {
  const { status, stderr } = version({ IMAGEFLOW_LIBRARY_PATH: '/no/such/libimageflow.so' });
  assert.equal(status, 1);
  assert.match(stderr, /\/no\/such\/libimageflow\.so: .*(cannot open|no such file|not found)/i);
  assert.match(stderr, /IMAGEFLOW_LIBRARY_PATH is set, so nothing else was tried/);
  assert.match(stderr, new RegExp(`${process.platform}-${process.arch}`));
});

test('a file that is no library', () => {
  const path = join(mkdtempSync(join(tmpdir(), 'imageflow-')), name);
  writeFileSync(path, 'not a library');
  assert.ok(version({ IMAGEFLOW_LIBRARY_PATH: path }).stderr.includes(`${path}: `));
});

test('a library that is something else', { skip: platform() !== 'linux' }, () => {
  assert.match(version({ IMAGEFLOW_LIBRARY_PATH: 'libm.so.6' }).stderr, /imageflow_abi_compatible/);
});

test('nowhere: every place is told, and what to install', { skip: platform() !== 'linux' }, () => {
  const { status, stderr } = version({});
  assert.equal(status, 1);
  assert.match(stderr, /@imazen\/imageflow-linux-[^:]+: the package is not installed/);
  assert.match(stderr, /\n {2}libimageflow\.so: /);
  assert.match(stderr, /\(linux-\w+, (glibc [\d.]+|musl)\)/);
  assert.match(stderr, /Install @imazen\/imageflow-linux-/);
});

test('the loader of the system', { skip: platform() !== 'linux' }, () => {
  assert.match(version({ LD_LIBRARY_PATH: dirname(file) }).stdout, /^imageflow/);
});

test('an empty variable is no variable', { skip: platform() !== 'linux' }, () => {
  assert.match(version({ IMAGEFLOW_LIBRARY_PATH: '', LD_LIBRARY_PATH: dirname(file) }).stdout, /^imageflow/);
});

test('a folder without the library', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'imageflow-')), 'empty');
  mkdirSync(folder);
  assert.ok(version({ IMAGEFLOW_LIBRARY_PATH: folder }).stderr.includes(join(folder, name)));
});
