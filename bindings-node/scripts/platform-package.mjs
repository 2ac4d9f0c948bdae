/**
 * Lays out the package of one platform, npm/@imazen/imageflow-<target>, around a library built for it:
 *
 *     node scripts/platform-package.mjs ../target/release/libimageflow.so [--strip] [--target linux-x64-gnu] [--out npm]
 *
 * The target is this machine's unless given. --strip leaves out symbols, which are five sixths of a library built by cargo. The package holds the library and what npm needs to choose it.
 */

import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const TARGETS = {
  'linux-x64-gnu': { os: 'linux', cpu: 'x64', libc: 'glibc', file: 'libimageflow.so' },
  'linux-x64-musl': { os: 'linux', cpu: 'x64', libc: 'musl', file: 'libimageflow.so' },
  'linux-arm64-gnu': { os: 'linux', cpu: 'arm64', libc: 'glibc', file: 'libimageflow.so' },
  'linux-arm64-musl': { os: 'linux', cpu: 'arm64', libc: 'musl', file: 'libimageflow.so' },
  'darwin-x64': { os: 'darwin', cpu: 'x64', file: 'libimageflow.dylib' },
  'darwin-arm64': { os: 'darwin', cpu: 'arm64', file: 'libimageflow.dylib' },
  'win32-x64-msvc': { os: 'win32', cpu: 'x64', file: 'imageflow.dll' },
  'win32-arm64-msvc': { os: 'win32', cpu: 'arm64', file: 'imageflow.dll' },
};

function hostTarget() {
  const host = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') return `${host}-msvc`;
  if (process.platform !== 'linux') return host;
  process.report.excludeNetwork = true;
  return process.report.getReport().header.glibcVersionRuntime ? `${host}-gnu` : `${host}-musl`;
}

function fail(message) {
  console.error(`platform-package: ${message}`);
  process.exit(64);
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    strip: { type: 'boolean', default: false },
    target: { type: 'string', default: hostTarget() },
    out: { type: 'string', default: join(root, 'npm') },
  },
});
const library = positionals[0] ?? fail('name the library to package');
const target = TARGETS[values.target] ?? fail(`no target ${values.target}; known: ${Object.keys(TARGETS).join(', ')}`);
if (basename(library) !== target.file) fail(`${values.target} needs a file named ${target.file}, not ${basename(library)}`);

const main = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const name = `@imazen/imageflow-${values.target}`;
if (main.optionalDependencies[name] !== main.version) {
  fail(`package.json must have ${name} ${main.version} among its optionalDependencies`);
}

const folder = resolve(values.out, name);
rmSync(folder, { recursive: true, force: true });
mkdirSync(folder, { recursive: true });
const manifest = {
  name,
  version: main.version,
  description: `The native library of @imazen/imageflow for ${values.target}`,
  license: main.license,
  repository: main.repository,
  engines: main.engines,
  os: [target.os],
  cpu: [target.cpu],
  ...(target.libc && { libc: [target.libc] }),
  files: [target.file, 'LICENSE-MIT', 'LICENSE-APACHE'],
};
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
writeFileSync(
  join(folder, 'README.md'),
  `# ${name}\n\nThe native library of \`@imazen/imageflow\` for ${values.target}. Install \`@imazen/imageflow\`; it brings this package along.\n`,
);
copyFileSync(library, join(folder, target.file));
if (values.strip) execFileSync('strip', [target.os === 'darwin' ? '-x' : '--strip-unneeded', join(folder, target.file)]);
// Libraries are read and mapped, never run; the mode of the build machine must not decide.
chmodSync(join(folder, target.file), 0o644);
for (const licence of ['LICENSE-MIT', 'LICENSE-APACHE']) copyFileSync(join(root, licence), join(folder, licence));
console.log(folder);
