/** Where pictures come from and go to. Implement the interfaces for places of your own. */

import { readFile, writeFile } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { AbortError, ImageflowError } from './error';
import { onAbort } from './on-abort';
import type { EncodeResult } from './types';

export type IODirection = 'in' | 'out';

interface Numbered {
  /** The number the job gave it; undefined before. */
  readonly ioID: number | undefined;
  /** Called by the job when it takes part. */
  setIOID(id: number, direction: IODirection): void;
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
}

/** Something to decode. */
export interface IOSource extends Numbered {
  toBuffer(options?: ReadOptions): Promise<Uint8Array> | Uint8Array;
}

/** The buffers of a job by key: a plain object, which also answers `get(key)`. */
export type Buffers = Record<string, Buffer> & { get(key: string): Buffer | undefined };

/** What a destination may want to know about the bytes it gets. */
export interface OutputDetails {
  encode: EncodeResult;
  signal?: AbortSignal | undefined;
}

/** Something to encode to. */
export interface IODestination extends Numbered {
  /** Stores the bytes. What should appear in the `buffers` of the result is put into `collector`. */
  toOutput(bytes: Buffer, collector: Buffers, details: OutputDetails): Promise<void> | void;
}

/** What the classes below have in common. */
class IO {
  #ioID: number | undefined;

  get ioID(): number | undefined {
    return this.#ioID;
  }

  setIOID(id: number, _direction: IODirection): void {
    this.#ioID = id;
  }
}

/** A file, read or written. */
export class FromFile extends IO implements IOSource, IODestination {
  constructor(readonly path: string | URL) {
    super();
  }

  toBuffer({ signal }: ReadOptions = {}): Promise<Buffer> {
    return readFile(this.path, { signal });
  }

  toOutput(bytes: Buffer, _collector: Buffers, details?: OutputDetails): Promise<void> {
    return writeFile(this.path, bytes, { signal: details?.signal });
  }
}

/**
 * Bytes in memory. As a source they are not copied: leave them unchanged until the job is done. As a destination the bytes
 * appear in the `buffers` of the result, under the key, or without one under the number of the output.
 */
export class FromBuffer extends IO implements IOSource, IODestination {
  constructor(readonly buffer: Uint8Array | null = null, readonly key?: string) {
    super();
  }

  toBuffer(): Promise<Uint8Array> {
    return this.buffer
      ? Promise.resolve(this.buffer)
      : Promise.reject(new TypeError('FromBuffer: nothing to decode; its first argument must be the bytes of the picture'));
  }

  toOutput(bytes: Buffer, collector: Buffers, details?: OutputDetails): void {
    const key = this.key ?? String(details?.encode.io_id ?? this.ioID);
    if (Object.hasOwn(collector, key) && Object.prototype.propertyIsEnumerable.call(collector, key)) {
      throw new Error(`FromBuffer: two outputs have the key ${JSON.stringify(key)}; give each its own`);
    }
    Object.defineProperty(collector, key, { value: bytes, enumerable: true, writable: true, configurable: true });
  }
}

/** A stream of Node or of the web, read to its end, or written and ended. Reads any async iterable of bytes. */
export class FromStream extends IO implements IOSource, IODestination {
  constructor(readonly stream: Readable | Writable | ReadableStream | WritableStream | AsyncIterable<Uint8Array>) {
    super();
  }

  async toBuffer({ signal }: ReadOptions = {}): Promise<Buffer> {
    const { stream } = this;
    if (!(Symbol.asyncIterator in stream)) throw new TypeError('FromStream: the stream to decode must be readable');
    const forget = onAbort(signal, () => {
      if ('destroy' in stream) stream.destroy(new AbortError(signal?.reason));
    });
    try {
      const chunks: Buffer[] = [];
      for await (const chunk of stream) chunks.push(Buffer.from(chunk));
      return Buffer.concat(chunks);
    } finally {
      forget();
    }
  }

  async toOutput(bytes: Buffer, _collector: Buffers, details?: OutputDetails): Promise<void> {
    const { stream } = this;
    if ('getWriter' in stream) return writeWebStream(stream, bytes);
    if (!('write' in stream)) throw new TypeError('FromStream: the stream to encode to must be writable');
    if (stream === process.stdout || stream === process.stderr) return writeOnly(stream, bytes);
    stream.end(bytes);
    await finished(stream, { signal: details?.signal, readable: false });
  }
}

async function writeWebStream(stream: WritableStream, bytes: Buffer): Promise<void> {
  const writer = stream.getWriter();
  await writer.write(bytes);
  await writer.close();
}

/** The standard streams belong to the process and stay open. */
function writeOnly(stream: Writable, bytes: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

/** A URL: GET to read, POST to write. */
export class FromURL extends IO implements IOSource, IODestination {
  constructor(readonly url: string | URL) {
    super();
  }

  async toBuffer({ signal }: ReadOptions = {}): Promise<Buffer> {
    const response = await request('GET', this.url, { signal: signal ?? null });
    return Buffer.from(await response.arrayBuffer());
  }

  async toOutput(bytes: Buffer, _collector: Buffers, details?: OutputDetails): Promise<void> {
    const response = await request('POST', this.url, {
      body: bytes,
      headers: { 'content-type': details?.encode.preferred_mime_type ?? 'application/octet-stream' },
      signal: details?.signal ?? null,
    });
    // Unread, the body would keep the connection busy.
    await response.body?.cancel();
  }
}

const UPSTREAM_ERROR = { status: 502, category: 15 };

async function request(method: 'GET' | 'POST', url: string | URL, init: RequestInit): Promise<Response> {
  let response;
  try {
    response = await fetch(url, { ...init, method });
  } catch (cause) {
    if (init.signal?.aborted) throw new AbortError(init.signal.reason);
    throw upstreamError(`${method} ${url}: ${reasonOf(cause)}`, cause);
  }
  if (response.ok) return response;
  await response.body?.cancel();
  throw upstreamError(`${method} ${url} was answered ${response.status} ${response.statusText}`);
}

/** `fetch` says "fetch failed" and hides the reason in `cause`. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function upstreamError(text: string, cause?: unknown): ImageflowError {
  const { status, category } = UPSTREAM_ERROR;
  return new ImageflowError(status, `UpstreamError: ${text}`, { category, cause });
}
