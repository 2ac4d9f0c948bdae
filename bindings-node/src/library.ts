/**
 * Finds the native library: where IMAGEFLOW_LIBRARY_PATH says, else in the package of this platform, else where the
 * system's loader looks.
 *
 * The variable, once set, is the only place: falling back to another version without a word would be worse than failing.
 */

import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join } from 'node:path';
import koffi, { type LibraryHandle } from 'koffi';

const ENVIRONMENT_VARIABLE = 'IMAGEFLOW_LIBRARY_PATH';

const FILE_NAMES: Partial<Record<NodeJS.Platform, string>> = { darwin: 'libimageflow.dylib', win32: 'imageflow.dll' };

function fileName(): string {
  return FILE_NAMES[platform()] ?? 'libimageflow.so';
}

interface Platform {
  /** For messages: system, processor, C library. */
  description: string;
  /** The end of the name of the package with the library. */
  suffix: string;
}

function thisPlatform(): Platform {
  const host = `${platform()}-${arch()}`;
  if (platform() === 'win32') return { description: host, suffix: `${host}-msvc` };
  if (platform() !== 'linux') return { description: host, suffix: host };
  const glibc = glibcVersion();
  return glibc === undefined
    ? { description: `${host}, musl`, suffix: `${host}-musl` }
    : { description: `${host}, glibc ${glibc}`, suffix: `${host}-gnu` };
}

/** The version of glibc that runs Node; undefined when Node runs on musl. */
function glibcVersion(): string | undefined {
  const { report } = process;
  // A report looks up host names otherwise, which can take seconds.
  const excludeNetwork = Reflect.get(report, 'excludeNetwork');
  Reflect.set(report, 'excludeNetwork', true);
  try {
    const { header } = report.getReport() as unknown as { header: { glibcVersionRuntime?: string } };
    return header.glibcVersionRuntime;
  } finally {
    Reflect.set(report, 'excludeNetwork', excludeNetwork);
  }
}

interface Attempt {
  path: string;
  error: string;
}

/** Loads one file; undefined, and an entry in `attempts`, when that fails. */
function tryLoad(path: string, attempts: Attempt[]): LibraryHandle | undefined {
  try {
    return koffi.load(path);
  } catch (error) {
    attempts.push({ path, error: error instanceof Error ? error.message : String(error) });
    return undefined;
  }
}

function fromEnvironment(given: string, attempts: Attempt[]): LibraryHandle | undefined {
  const isFolder = existsSync(given) && statSync(given).isDirectory();
  return tryLoad(isFolder ? join(given, fileName()) : given, attempts);
}

function fromPackage(packageName: string, attempts: Attempt[]): LibraryHandle | undefined {
  let manifest;
  try {
    // Node's own `require` even in a bundle, where a plain one would be replaced.
    manifest = createRequire(__filename).resolve(`${packageName}/package.json`);
  } catch {
    attempts.push({ path: packageName, error: 'the package is not installed' });
    return undefined;
  }
  return tryLoad(join(dirname(manifest), fileName()), attempts);
}

/** Loads the library, or throws an error that lists every path tried and what the loader said about it. */
export function loadLibrary(): LibraryHandle {
  const attempts: Attempt[] = [];
  const given = process.env[ENVIRONMENT_VARIABLE];
  if (given) {
    const library = fromEnvironment(given, attempts);
    if (library) return library;
    throw notFound(attempts, `${ENVIRONMENT_VARIABLE} is set, so nothing else was tried. It must name the library's file, or the folder that holds ${fileName()}.`);
  }
  const { description, suffix } = thisPlatform();
  const packageName = `@imazen/imageflow-${suffix}`;
  const library = fromPackage(packageName, attempts) ?? tryLoad(fileName(), attempts);
  if (library) return library;
  throw notFound(
    attempts,
    `Install ${packageName} (an optional dependency: npm leaves it out with --omit=optional, or when node_modules was ` +
      `copied from another platform), or set ${ENVIRONMENT_VARIABLE}.`,
    description,
  );
}

function notFound(attempts: Attempt[], advice: string, description = thisPlatform().description): Error {
  const tried = attempts.map(({ path, error }) => `  ${path}: ${error}`).join('\n');
  return new Error(`the native library of imageflow cannot be loaded (${description}). Tried:\n${tried}\n${advice}`);
}
