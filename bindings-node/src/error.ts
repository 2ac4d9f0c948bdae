/** Errors of the engine, and the one of a cancelled job. */

import type { Response001 } from './types';

/** The engine's error categories; the number of a category is its index. */
export const ERROR_CATEGORIES = [
  'Ok', 'OutOfMemory', 'ArgumentInvalid', 'InvalidJson', 'ImageMalformed', 'ImageTypeNotSupported', 'NodeArgumentInvalid',
  'GraphInvalid', 'ActionNotSupported', 'ActionForbidden', 'AuthorizationRequired', 'LicenseError',
  'PrimaryResourceNotFound', 'SecondaryResourceNotFound', 'UpstreamTimeout', 'UpstreamError', 'IoError', 'NoSolutionFound',
  'InternalError', 'Unknown', 'Custom', 'OperationCancelled',
] as const;

export type ErrorCategory = (typeof ERROR_CATEGORIES)[number];

const UNKNOWN = ERROR_CATEGORIES.indexOf('Unknown');

/** The engine begins its messages with the name of the category and a colon. */
function categoryOfMessage(message: string): number {
  const name = message.slice(0, Math.max(0, message.indexOf(':')));
  const number = (ERROR_CATEGORIES as readonly string[]).indexOf(name);
  return number > 0 ? number : UNKNOWN;
}

export interface ImageflowErrorDetails {
  /** The number of the category, when it is known otherwise than from the message. */
  category?: number;
  /** The response that reported the error. */
  response?: Response001<unknown>;
  cause?: unknown;
}

/** A job, or another request to the engine, failed. */
export class ImageflowError extends Error {
  override readonly name: string = 'ImageflowError';
  /** The HTTP status that fits the error, such as 400 for a picture that cannot be decoded. */
  readonly code: number;
  /** The number of the engine's error category. */
  readonly category: number;
  /** The engine's response; undefined when the error came before there was one. */
  readonly response: Response001<unknown> | undefined;

  constructor(code: number, message: string, details: ImageflowErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.category = details.category ?? categoryOfMessage(message);
    this.response = details.response;
  }

  /** The same number as `code`. */
  get httpStatus(): number {
    return this.code;
  }

  /** The name of the category, such as `ImageMalformed`. */
  get categoryName(): ErrorCategory {
    return ERROR_CATEGORIES[this.category] ?? 'Unknown';
  }

  /** The error a response reports; null when it reports success. */
  static fromResponse(response: Response001<unknown>): ImageflowError | null {
    return response.success === true ? null : new ImageflowError(response.code, response.message, { response });
  }
}

/** A job was cancelled through its `AbortSignal`. `cause` is the reason given to the signal. As Node's own AbortError. */
export class AbortError extends Error {
  override readonly name = 'AbortError';
  readonly code = 'ABORT_ERR';

  constructor(reason?: unknown) {
    super('The operation was aborted', reason === undefined ? undefined : { cause: reason });
  }
}
