/** The door for `import`. Behind it is the same code as behind `require`: one library loaded, one class of each name. */

export {
  AbortError, concurrency, DecodeOptions, ERROR_CATEGORIES, FromBuffer, FromFile, FromStream, FromURL, getImageInfo,
  getLongVersionString, getVersionInfo, ImageflowError, NativeJob, Pipeline, presets, Steps,
} from './index.js';
export type * from './index.js';
