/**
 * One context of the engine: inputs, outputs, messages. `Steps` and `Pipeline` are built on it; use it directly to send
 * messages they have no method for.
 */

import { isArrayBuffer, isUint8Array } from 'node:util/types';
import { abi, LIFETIME_OUTLIVES_CONTEXT, LIFETIME_OUTLIVES_FUNCTION_CALL, readBytes, readText, type Pointer } from './abi';
import { inTurn } from './concurrency';
import { AbortError, ImageflowError } from './error';
import { onAbort } from './on-abort';

const LARGEST_ERROR_TEXT = 64 * 1024;

/** What must be released when a job is done: the context, and the inputs it borrows until then. */
interface Resources {
  context: Pointer;
  borrowed: Uint8Array[];
}

function release(resources: Resources): void {
  abi().contextDestroy(resources.context);
  resources.borrowed.length = 0;
}

/** A job that is dropped without `clean()` is released when it is collected. */
const forgotten = new FinalizationRegistry<Resources>(release);

export interface MessageOptions {
  /** Stops the engine; the message is rejected with an `AbortError`, and the job is of no further use. */
  signal?: AbortSignal | undefined;
}

export class NativeJob {
  #resources: Resources | undefined;
  #running = false;

  constructor() {
    const context = abi().contextCreate();
    if (!context) throw new ImageflowError(503, 'OutOfMemory: the engine cannot make a context');
    this.#resources = { context, borrowed: [] };
    forgotten.register(this, this.#resources, this);
  }

  /**
   * Adds an input. Its bytes are not copied: leave them unchanged until `clean()`, and do not transfer their ArrayBuffer.
   */
  addInputBytes(id: number, bytes: Uint8Array): void {
    if (!isUint8Array(bytes)) throw new TypeError(`addInputBytes: input ${id} must be a Buffer or Uint8Array`);
    const { context, borrowed } = this.#idle();
    // An empty array has no address, which the engine would take for a missing argument.
    const address = bytes.length > 0 ? bytes : Buffer.alloc(1);
    const stable = isStable(bytes.buffer);
    const lifetime = stable ? LIFETIME_OUTLIVES_CONTEXT : LIFETIME_OUTLIVES_FUNCTION_CALL;
    if (stable) borrowed.push(address);
    if (!abi().addInputBuffer(context, checkId(id), address, bytes.length, lifetime)) throw this.#error(context);
  }

  addOutputBuffer(id: number): void {
    const { context } = this.#idle();
    if (!abi().addOutputBuffer(context, checkId(id))) throw this.#error(context);
  }

  /** The bytes of an output, in memory of their own. */
  getOutputBufferBytes(id: number): Buffer {
    const { context } = this.#idle();
    const address = new BigUint64Array(1);
    const length = new BigUint64Array(1);
    if (!abi().getOutputBuffer(context, checkId(id), address, length)) throw this.#error(context);
    return readBytes(address[0]!, Number(length[0]));
  }

  /**
   * Sends a message on a thread of Node's pool and resolves with the response, which may report an error. `json` is the
   * text of the message, or an object that becomes it.
   */
  async message(endpoint: string, json: string | object, { signal }: MessageOptions = {}): Promise<string> {
    const { context } = this.#idle();
    const body = encode(json);
    this.#running = true;
    try {
      return await inTurn(signal, async () => {
        const forget = onAbort(signal, () => abi().requestCancellation(context));
        try {
          const response = await send(context, endpoint, body);
          // The engine may have been done already, or answered 499: either way the caller has given up.
          if (signal?.aborted) throw new AbortError(signal.reason);
          return this.#read(context, response);
        } finally {
          forget();
        }
      });
    } finally {
      this.#running = false;
    }
  }

  /** Sends a message and waits for the response; nothing else runs in this thread meanwhile. */
  messageSync(endpoint: string, json: string | object): string {
    const { context } = this.#idle();
    const body = encode(json);
    return this.#read(context, abi().sendJson(context, endpoint, body, body.length));
  }

  /** Releases the job's memory. The job cannot be used afterwards; calling `clean` again does nothing. */
  clean(): void {
    if (this.#resources === undefined) return;
    const resources = this.#idle();
    this.#resources = undefined;
    forgotten.unregister(this);
    release(resources);
  }

  #idle(): Resources {
    if (this.#running) throw new Error('Already running a Job');
    if (this.#resources === undefined) throw new Error('NativeJob: used after clean()');
    return this.#resources;
  }

  #read(context: Pointer, response: Pointer | null): string {
    if (!response) throw this.#error(context);
    const status = new BigInt64Array(1);
    const address = new BigUint64Array(1);
    const length = new BigUint64Array(1);
    if (!abi().responseRead(context, response, status, address, length)) throw this.#error(context);
    const text = readText(address[0]!, Number(length[0]));
    abi().responseDestroy(context, response);
    return text;
  }

  #error(context: Pointer): ImageflowError {
    const written = new BigUint64Array(1);
    let buffer = Buffer.alloc(2048);
    while (!abi().errorWriteToBuffer(context, buffer, buffer.length, written) && buffer.length < LARGEST_ERROR_TEXT) {
      buffer = Buffer.alloc(buffer.length * 2);
    }
    const message = buffer.toString('utf8', 0, Number(written[0]));
    return new ImageflowError(abi().errorAsHttpCode(context), message, { category: abi().errorCode(context) });
  }
}

function send(context: Pointer, endpoint: string, body: Buffer): Promise<Pointer | null> {
  return new Promise((resolve, reject) => {
    abi().sendJson.async(context, endpoint, body, body.length, (error: unknown, response) => {
      if (error) reject(error);
      else resolve(response);
    });
  });
}

function encode(json: string | object): Buffer {
  return Buffer.from(typeof json === 'string' ? json : JSON.stringify(json));
}

/** Other threads can write to shared memory, and resizing may unmap it: the engine must not read such bytes in place. */
function isStable(memory: ArrayBufferLike): boolean {
  return isArrayBuffer(memory) && Reflect.get(memory, 'resizable') !== true;
}

function checkId(id: number): number {
  if (!Number.isInteger(id) || id !== (id | 0)) throw new RangeError(`io id ${id}: it must be a 32-bit whole number`);
  return id;
}
