/** The functions of the C ABI that this package calls, and nothing else about them: their header is the documentation. */

import koffi, { type KoffiFunc, type LibraryHandle } from 'koffi';
import { loadLibrary } from './library';

/** An address. */
export type Pointer = bigint;

/** How long the engine may use the bytes of an input. */
export const LIFETIME_OUTLIVES_FUNCTION_CALL = 0;
export const LIFETIME_OUTLIVES_CONTEXT = 1;

/** 3.1 is the first version that can be cancelled. */
const MAJOR = 3;
const MINOR = 1;

export interface Abi {
  contextCreate(): Pointer | null;
  contextDestroy(context: Pointer): void;
  errorCode(context: Pointer): number;
  errorAsHttpCode(context: Pointer): number;
  errorWriteToBuffer(context: Pointer, buffer: Buffer, length: number, written: BigUint64Array): boolean;
  sendJson: KoffiFunc<(context: Pointer, method: string, json: Buffer, length: number) => Pointer | null>;
  responseRead(context: Pointer, response: Pointer, status: BigInt64Array, text: BigUint64Array, length: BigUint64Array): boolean;
  responseDestroy(context: Pointer, response: Pointer): boolean;
  addInputBuffer(context: Pointer, ioId: number, bytes: Uint8Array, length: number, lifetime: number): boolean;
  addOutputBuffer(context: Pointer, ioId: number): boolean;
  getOutputBuffer(context: Pointer, ioId: number, bytes: BigUint64Array, length: BigUint64Array): boolean;
  requestCancellation(context: Pointer): void;
}

function bind(library: LibraryHandle): Abi {
  const compatible = library.func('imageflow_abi_compatible', 'bool', ['uint32_t', 'uint32_t']);
  if (!compatible(MAJOR, MINOR)) {
    const major = library.func('imageflow_abi_version_major', 'uint32_t', [])();
    const minor = library.func('imageflow_abi_version_minor', 'uint32_t', [])();
    throw new Error(
      `the native library of imageflow has ABI version ${major}.${minor}; this package needs ${MAJOR}.${MINOR} or a later ` +
        `${MAJOR}.x: install matching versions of @imazen/imageflow and its platform package`,
    );
  }
  const context = 'void *';
  const bytes = 'void *';
  const create = library.func('imageflow_context_create', context, ['uint32_t', 'uint32_t']);
  return {
    contextCreate: () => create(MAJOR, MINOR),
    contextDestroy: library.func('imageflow_context_destroy', 'void', [context]),
    errorCode: library.func('imageflow_context_error_code', 'int32_t', [context]),
    errorAsHttpCode: library.func('imageflow_context_error_as_http_code', 'int32_t', [context]),
    errorWriteToBuffer: library.func('imageflow_context_error_write_to_buffer', 'bool', [context, bytes, 'size_t', 'void *']),
    sendJson: library.func('imageflow_context_send_json', 'void *', [context, 'str', bytes, 'size_t']) as Abi['sendJson'],
    responseRead: library.func('imageflow_json_response_read', 'bool', [context, 'void *', 'void *', 'void *', 'void *']),
    responseDestroy: library.func('imageflow_json_response_destroy', 'bool', [context, 'void *']),
    addInputBuffer: library.func('imageflow_context_add_input_buffer', 'bool', [context, 'int32_t', bytes, 'size_t', 'int']),
    addOutputBuffer: library.func('imageflow_context_add_output_buffer', 'bool', [context, 'int32_t']),
    getOutputBuffer: library.func('imageflow_context_get_output_buffer_by_id', 'bool', [context, 'int32_t', 'void *', 'void *']),
    requestCancellation: library.func('imageflow_context_request_cancellation', 'void', [context]),
  };
}

let loaded: Abi | undefined;

/** The library, loaded on first use: importing the package never fails. */
export function abi(): Abi {
  return (loaded ??= bind(loadLibrary()));
}

/** Copies text of the engine. */
export function readText(address: Pointer, length: number): string {
  return koffi.decode.string(address, length);
}

/** Copies bytes of the engine. */
export function readBytes(address: Pointer, length: number): Buffer {
  const copy: Uint8Array = koffi.decode(address, 'uint8_t', length);
  return Buffer.from(copy.buffer, copy.byteOffset, copy.byteLength);
}
