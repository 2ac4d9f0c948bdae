/** The simplest job: one picture in, one out, in memory. */

import { decodeNode, type DecodeOptions } from './decode-options';
import { execute, type ExecuteOptions } from './execute';
import { FromBuffer, type IOSource } from './io';
import { JobIO } from './job-io';
import { Transforms } from './transforms';
import type { EncoderPreset, JobResult, Node, Response001 } from './types';

export interface PipelineResult {
  response: Response001;
  jobResult: JobResult;
  outputBuffer: Buffer;
}

export class Pipeline extends Transforms {
  readonly #io = new JobIO();
  readonly #nodes: Node[];
  #preset: EncoderPreset | undefined;

  constructor(source: IOSource, options?: DecodeOptions) {
    super();
    this.#nodes = [decodeNode(this.#io.input(source), options)];
  }

  /** Sets the format to encode to. */
  encodeTo(preset: EncoderPreset): this {
    this.#preset = preset;
    return this;
  }

  /** Runs the job; `preset` takes precedence over that of `encodeTo`. */
  async execute(preset: EncoderPreset | undefined = this.#preset, options?: ExecuteOptions): Promise<PipelineResult> {
    if (preset === undefined) throw new Error('Pipeline: no preset; call encodeTo(preset), or execute(preset)');
    const { inputs } = this.#io;
    const id = inputs.size;
    const steps: Node[] = [...this.#nodes, { encode: { io_id: id, preset } }];
    const outputs = new Map([[id, new FromBuffer(null, 'output')]]);
    const { response, jobResult, buffers } = await execute({ message: { framewise: { steps } }, inputs, outputs }, options);
    return { response, jobResult, outputBuffer: buffers['output']! };
  }

  protected override append(node: Node): this {
    this.#nodes.push(node);
    return this;
  }

  protected override input(source: IOSource): number {
    return this.#io.input(source);
  }
}
