/** The packages as users get them: packed, installed into an empty folder without network, compiler or scripts, and used. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { platform, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { PACKAGE } from './pictures.mjs';

const NAME = { darwin: 'libimageflow.dylib', win32: 'imageflow.dll' }[platform()] ?? 'libimageflow.so';
const given = process.env.IMAGEFLOW_LIBRARY_PATH;
const library = statSync(given).isDirectory() ? join(given, NAME) : given;

const work = mkdtempSync(join(tmpdir(), 'imageflow-install-'));
const tarballs = join(work, 'tarballs');
mkdirSync(tarballs);
const { IMAGEFLOW_LIBRARY_PATH: _, ...environment } = process.env;

function pack(folder, ...options) {
  const output = execFileSync('npm', ['pack', '--json', '--pack-destination', tarballs, ...options], { cwd: folder, encoding: 'utf8' });
  // Older versions of npm give a list, newer ones an object by name.
  const [packed] = Object.values(JSON.parse(output.slice(output.search(/^[[{]/m))));
  return { tarball: join(tarballs, packed.filename), files: packed.files.map((file) => file.path), size: packed.size };
}

const layout = execFileSync(
  process.execPath,
  [join(PACKAGE, 'scripts/platform-package.mjs'), library, '--out', join(work, 'npm')],
  { encoding: 'utf8' },
).trim();
const native = pack(layout);
// What is in dist was built before the tests; building it again under the feet of other tests would disturb them.
const main = pack(PACKAGE, '--ignore-scripts');
const dependencies = ['koffi', ...readdirSync(join(PACKAGE, 'node_modules/@koromix')).map((name) => `@koromix/${name}`)]
  .map((name) => pack(join(PACKAGE, 'node_modules', name), '--ignore-scripts').tarball);

const project = join(work, 'project');
mkdirSync(project);
writeFileSync(join(project, 'package.json'), '{"name":"project","private":true}');
// Nothing but Node and npm: no compiler, and no registry either.
const bin = join(work, 'bin');
mkdirSync(bin);
symlinkSync(process.execPath, join(bin, 'node'));
const npm = execFileSync('which', ['npm'], { encoding: 'utf8' }).trim();
symlinkSync(npm, join(bin, 'npm'));
symlinkSync('/bin/sh', join(bin, 'sh'));
const bare = { ...environment, PATH: bin, npm_config_cache: join(work, 'cache'), npm_config_registry: 'http://127.0.0.1:9/' };
execFileSync('npm', ['install', '--offline', '--ignore-scripts', '--no-audit', '--no-fund', main.tarball, native.tarball, ...dependencies], { cwd: project, env: bare, stdio: 'pipe' });

const JOB = `
  const { buffers } = await new Steps().createCanvas(8, 6, 'bgra_32', 'black').toBuffer(presets.mozjpeg(85), 'out').execute();
  const { image_width, image_height, preferred_mime_type } = await getImageInfo(new FromBuffer(buffers.out));
  console.log(image_width, image_height, preferred_mime_type);`;

function run(...args) {
  return execFileSync(process.execPath, args, { cwd: project, env: bare, encoding: 'utf8' }).trim();
}

test('the packages hold what they should, and nothing else', () => {
  assert.deepEqual(native.files.sort(), ['LICENSE-APACHE', 'LICENSE-MIT', 'README.md', NAME, 'package.json'].sort());
  for (const file of ['README.md', 'LICENSE-MIT', 'LICENSE-APACHE', 'package.json', 'dist/index.js', 'dist/index.mjs', 'dist/index.d.ts', 'dist/index.d.mts']) {
    assert.ok(main.files.includes(file), file);
  }
  assert.deepEqual(main.files.filter((file) => !/^(dist\/|README\.md|LICENSE-|package\.json)/.test(file)), []);
  console.log(`packed: ${(main.size / 1024).toFixed(0)} KiB, and ${(native.size / 2 ** 20).toFixed(1)} MiB with the library`);
});

test('no script runs on installation', () => {
  for (const folder of [PACKAGE, layout]) {
    const { scripts = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const name of ['preinstall', 'install', 'postinstall']) assert.equal(scripts[name], undefined);
  }
});

test('import', () => {
  const script = `import { Steps, presets, FromBuffer, getImageInfo } from '@imazen/imageflow'; ${JOB}`;
  assert.equal(run('--input-type=module', '-e', script), '8 6 image/jpeg');
});

test('require', () => {
  const script = `const { Steps, presets, FromBuffer, getImageInfo } = require('@imazen/imageflow'); (async () => { ${JOB} })()`;
  assert.equal(run('-e', script), '8 6 image/jpeg');
});

test('the library is that of the package', { skip: platform() !== 'linux' && 'reads /proc' }, () => {
  const script = `require('@imazen/imageflow').getVersionInfo();
    console.log(/\\S*libimageflow\\.so/.exec(require('fs').readFileSync('/proc/self/maps', 'utf8'))[0])`;
  const loaded = run('-e', script);
  assert.equal(dirname(dirname(loaded)), join(project, 'node_modules/@imazen'));
  assert.ok(existsSync(loaded));
});
