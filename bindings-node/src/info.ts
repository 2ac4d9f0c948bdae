/** What can be asked without making a picture. */

import { parse, read } from './execute';
import type { IOSource } from './io';
import { NativeJob, type MessageOptions } from './native-job';
import type { ImageInfo, VersionInfo } from './types';

/** Size and format of a picture, from its header. */
export async function getImageInfo(source: IOSource, { signal }: MessageOptions = {}): Promise<ImageInfo> {
  const bytes = await read(source, signal);
  const job = new NativeJob();
  try {
    job.addInputBytes(0, bytes);
    return parse<{ image_info: ImageInfo }>(await job.message('v1/get_image_info', { io_id: 0 }, { signal })).data.image_info;
  } finally {
    job.clean();
  }
}

/** The version of the native library. */
export function getVersionInfo(): VersionInfo & { versionString: string } {
  const job = new NativeJob();
  try {
    const { version_info: info } = parse<{ version_info: VersionInfo }>(job.messageSync('v1/get_version_info', {})).data;
    return { versionString: info.long_version_string, ...info };
  } finally {
    job.clean();
  }
}

export function getLongVersionString(): string {
  return getVersionInfo().versionString;
}
