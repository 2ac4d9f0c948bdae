/** Resizes, crops and converts images. The guide is the package's README. */

export { concurrency } from './concurrency';
export { DecodeOptions } from './decode-options';
export { AbortError, ERROR_CATEGORIES, ImageflowError, type ErrorCategory, type ImageflowErrorDetails } from './error';
export type { ExecuteOptions, ExecuteResult } from './execute';
export { getImageInfo, getLongVersionString, getVersionInfo } from './info';
export {
  FromBuffer, FromFile, FromStream, FromURL,
  type Buffers, type IODestination, type IODirection, type IOSource, type OutputDetails, type ReadOptions,
} from './io';
export { NativeJob, type MessageOptions } from './native-job';
export { Pipeline, type PipelineResult } from './pipeline';
export * as presets from './presets';
export { Steps, type Continuation, type Rectangle } from './steps';
export type { WatermarkOptions } from './transforms';
export type * from './types';
