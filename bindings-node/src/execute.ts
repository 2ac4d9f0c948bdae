/** Runs a job: reads its inputs, sends the message, delivers its outputs. */

import { AbortError, ImageflowError } from './error';
import type { Buffers, IODestination, IOSource, OutputDetails } from './io';
import { NativeJob } from './native-job';
import { onAbort } from './on-abort';
import type { EncodeResult, Execute001, ExecutionSecurity, JobResult, Response001 } from './types';

export interface ExecuteOptions {
  /** Aborting rejects with an `AbortError`, once the engine has let go of the inputs. */
  signal?: AbortSignal | undefined;
  /** Limits on sizes and bytes. */
  security?: ExecutionSecurity | undefined;
}

export interface ExecuteResult {
  response: Response001;
  jobResult: JobResult;
  /** The outputs to buffers, by key. */
  buffers: Buffers;
}

export interface Job {
  message: Execute001;
  inputs: ReadonlyMap<number, IOSource>;
  outputs: ReadonlyMap<number, IODestination>;
}

export async function execute(job: Job, { signal, security }: ExecuteOptions = {}): Promise<ExecuteResult> {
  const inputs = await readAll(job.inputs, signal);
  const message = security === undefined ? job.message : { ...job.message, security };
  const native = new NativeJob();
  let response, encoded;
  try {
    for (const [id, bytes] of inputs) native.addInputBytes(id, bytes);
    for (const id of job.outputs.keys()) native.addOutputBuffer(id);
    response = parse<{ job_result: JobResult }>(await native.message('v1/execute', message, { signal }));
    encoded = response.data.job_result.encodes.map((encode) => ({ encode, bytes: native.getOutputBufferBytes(encode.io_id) }));
  } finally {
    native.clean();
  }
  const buffers = await deliver(encoded, job.outputs, signal);
  return { response, jobResult: response.data.job_result, buffers };
}

/** The response in a message of the engine; the error it reports is thrown. */
export function parse<Data>(text: string): Response001<Data> {
  const response: Response001<Data> = JSON.parse(text);
  const error = ImageflowError.fromResponse(response);
  if (error) throw error;
  return response;
}

function readAll(sources: Job['inputs'], signal: AbortSignal | undefined): Promise<Array<[number, Uint8Array]>> {
  const reads = Promise.all([...sources].map(async ([id, source]): Promise<[number, Uint8Array]> => [id, await read(source, signal)]));
  return signal ? untilAborted(reads, signal) : reads;
}

/** Reads a source, which may know nothing of the signal, or have an abort error of its own. */
export async function read(source: IOSource, signal: AbortSignal | undefined): Promise<Uint8Array> {
  if (signal?.aborted) throw new AbortError(signal.reason);
  return await source.toBuffer({ signal });
}

/** As the promise, but an `AbortError` as soon as the signal is aborted. */
async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let forget!: () => void;
  const aborted = new Promise<never>((_, reject) => {
    forget = onAbort(signal, () => reject(new AbortError(signal.reason)));
  });
  try {
    return await Promise.race([aborted, promise]);
  } finally {
    forget();
  }
}

interface Encoded {
  encode: EncodeResult;
  bytes: Buffer;
}

async function deliver(encoded: Encoded[], outputs: Job['outputs'], signal: AbortSignal | undefined): Promise<Buffers> {
  const buffers = {} as Buffers;
  // Some users were told to call `get`; it must not show up among the keys.
  Object.defineProperty(buffers, 'get', {
    value: (key: string) => (Object.prototype.propertyIsEnumerable.call(buffers, key) ? buffers[key] : undefined),
    enumerable: false,
    writable: true,
    configurable: true,
  });
  const deliveries = encoded.map(async ({ encode, bytes }) => {
    const details: OutputDetails = { encode, signal };
    await outputs.get(encode.io_id)?.toOutput(bytes, buffers, details);
  });
  // All end before the first failure is reported: nothing is still being written when `execute` rejects.
  const results = await Promise.allSettled(deliveries);
  const failure = results.find((result) => result.status === 'rejected');
  if (failure) throw signal?.aborted ? new AbortError(signal.reason) : failure.reason;
  return buffers;
}
