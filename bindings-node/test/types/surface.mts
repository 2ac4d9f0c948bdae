// Uses every member with the types that programs written for the 2.x client rely on. Compiled, not run.
import { PassThrough } from 'node:stream';
import {
  AbortError, concurrency, DecodeOptions, FromBuffer, FromFile, FromStream, FromURL, getImageInfo, getLongVersionString,
  getVersionInfo, ImageflowError, NativeJob, Pipeline, presets, Steps,
} from '@imazen/imageflow';
import type {
  Buffers, Color, Constraint, EncoderPreset, ExecuteResult, ExecutionSecurity, ImageInfo, IODestination, IOSource, JobResult,
  Node, ResampleHints, Response001, Watermark,
} from '@imazen/imageflow';

const source: IOSource = new FromBuffer(Buffer.alloc(1));
const destination: IODestination = new FromBuffer(null, 'key');
const both: Array<IOSource & IODestination> = [
  new FromFile('a.jpg'), new FromBuffer(null), new FromStream(new PassThrough()), new FromURL('https://example.com/a.jpg'),
];
const color: Color = { srgb: { hex: 'ffffff' } };
const hints: ResampleHints = { sharpen_percent: 10, down_filter: 'robidoux' };
const constraint: Constraint = { mode: 'fit_crop', w: 10, h: 10, gravity: 'center', hints, canvas_color: color };
const node: Node = { constrain: constraint };
const watermark: Watermark = { io_id: 1 };
const security: ExecutionSecurity = { max_decode_size: { w: 1, h: 1, megapixels: 1 } };
const options: DecodeOptions = new DecodeOptions()
  .setJpegDownscaleHint(10, 10, { scaleLumaSpatially: true, gammaCorrectForSrgbDuringSpatialLumaScaling: true })
  .discardColorProfile().ignoreColorProfileError().setWebpDecoderHints(1, 1).selectFrame(0).colorProfile('keep');
const area = { x: 0, y: 0, w: 1, h: 1 };

const steps: Steps = new Steps(source, options)
  .decode(source, options)
  .encode(destination, presets.gif()).encode(destination, presets.gif(), { metadata: 'copyright' })
  .toJpeg(destination).toJpeg(destination, { quality: 90, progressive: true, matte: color })
  .toPng(destination).toPng(destination, true).toWebP(destination)
  .toFile(presets.gif(), 'out.gif').toBuffer(presets.gif()).toBuffer(presets.gif(), 'key')
  .toStream(presets.gif(), new PassThrough())
  .constrainWithin(1, 1).constrainWithin(1).constrainWithin(null, 1).constrain(constraint).distort(1, 1).distort(1, 1, hints)
  .rotate90().rotate180().rotate270().flipVertical().flipHorizontal().transpose().applyOrientation(6)
  .crop(0, 0, 1, 1).region(0, 0, 1, 1, 'transparent').regionPercent(0, 0, 100, 100, 'black').cropWhitespace(80, 0.5)
  .fillRect(0, 0, 1, 1, color).expandCanvas({ left: 1 }, color).createCanvas(1, 1, 'bgra_32', color)
  .roundImageCorners(5).roundImageCorners({ percentage: 50 }, color)
  .watermark(source).watermark(source, {
    gravity: { percentage: { x: 1, y: 1 } }, fitMode: 'within', fitBox: { image_margins: { left: 1, top: 1, right: 1, bottom: 1 } },
    opacity: 0.5, hints, minCanvasWidth: 1, minCanvasHeight: 1,
  })
  .watermarkRedDot()
  .drawImageExactTo((canvas) => canvas.decode(source), area).drawImageExactTo((canvas) => { canvas.decode(source); }, area, 'overwrite', hints)
  .copyRectToCanvas((canvas) => canvas.decode(source), area, 0, 0)
  .branch((branch) => branch.flipVertical().toBuffer(presets.gif(), 'b'))
  .colorFilterInvert().colorFilterGrayscaleNtsc().colorFilterGrayscaleFlat().colorFilterGrayscaleBt709()
  .colorFilterGrayscaleRY().colorFilterSepia().colorFilterAlpha(1).colorFilterBrightness(1).colorFilterContrast(1)
  .colorFilterSaturation(1)
  .colorMatrixSrgb([[1, 0, 0, 0, 0], [0, 1, 0, 0, 0], [0, 0, 1, 0, 0], [0, 0, 0, 1, 0], [0, 0, 0, 0, 1]])
  .whiteBalance(0.5).command('width=100');

export const results: Array<Promise<ExecuteResult>> = [
  steps.execute(), steps.execute({ signal: AbortSignal.timeout(1), security }),
  steps.executeCommand('width=100', source, destination), new Steps().executeCommand('w=1', both[0]!, both[1]!, { security }),
];
const result: ExecuteResult = await results[0]!;
const response: Response001 = result.response;
const jobResult: JobResult = result.jobResult;
const buffers: Record<string, Buffer> = result.buffers;
const one: Buffer | undefined = result.buffers.get('k');
const two: Buffer | undefined = result.buffers['k'];
const { outputBuffer }: { response: Response001; jobResult: JobResult; outputBuffer: Buffer } =
  await new Pipeline(source, options).constrainWithin(1, 1).watermark(source).encodeTo(presets.gif()).execute();
await new Pipeline(source).execute(presets.gif(), { security });

const all: EncoderPreset[] = [
  presets.gif(), presets.mozjpeg(), presets.mozjpeg(85, { progressive: false, matte: color }), presets.webpLossy(80),
  presets.webpLossless(), presets.lodepng(), presets.lodepng(true), presets.pngquant(),
  presets.pngquant(90, 40, { speed: 4, maximumDeflate: true }), presets.libjpegTurbo(70, { progressive: true }),
  presets.libpng({ depth: 'png_24', matte: color, zlibCompression: 9 }), presets.auto(), presets.auto({ percent: 70 }),
  presets.format(), presets.format('webp', { qualityProfile: 'good', encoderHints: { webp: { quality: 80 } } }),
];

const info: ImageInfo = await getImageInfo(source);
const version: string = getVersionInfo().versionString + getLongVersionString();
const jobs: number = concurrency(2) + concurrency();

const failure: ImageflowError | null = ImageflowError.fromResponse(response);
const error: Error = new ImageflowError(400, 'message');
if (error instanceof ImageflowError) {
  const numbers: number[] = [error.code, error.category, error.httpStatus];
  const text: string = error.name + error.message + error.categoryName + numbers;
  console.log(text, error.response);
}
const aborted: AbortError = new AbortError('reason');

const job = new NativeJob();
job.addInputBytes(0, Buffer.alloc(1));
job.addOutputBuffer(1);
const bytes: Buffer = job.getOutputBufferBytes(1);
const text: Promise<string> = job.message('v1/execute', '{}');
const sync: string = job.messageSync('v1/execute', '{}');
job.clean();

class Elsewhere implements IOSource, IODestination {
  ioID: number | undefined;
  setIOID(id: number, direction: 'in' | 'out'): void {
    this.ioID = direction === 'in' ? id : undefined;
  }
  async toBuffer(): Promise<Buffer> {
    return Buffer.alloc(0);
  }
  toOutput(data: Buffer, collector: Buffers): void {
    collector['elsewhere'] = data;
  }
}

console.log(node, watermark, jobResult, buffers, one, two, outputBuffer, all, info, version, jobs, failure, aborted, bytes, text, sync, new Elsewhere());
