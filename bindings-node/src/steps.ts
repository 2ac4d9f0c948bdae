/** Describes a job as a chain of calls, with branches where one picture becomes several. */

import type { Writable } from 'node:stream';
import { decodeNode, type DecodeOptions } from './decode-options';
import { execute, type ExecuteOptions, type ExecuteResult } from './execute';
import { FromBuffer, FromFile, FromStream, type IODestination, type IOSource } from './io';
import { JobGraph, type NodeId } from './job-graph';
import { JobIO } from './job-io';
import { lodepng, mozjpeg, webpLossless } from './presets';
import { Transforms } from './transforms';
import type { Color, CompositingMode, EncoderPreset, Execute001, MetadataPolicy, Node, PixelFormat, ResampleHints } from './types';

export interface Rectangle { x: number; y: number; w: number; h: number }

/** A function that continues, or begins, a chain. */
export type Continuation = (steps: Steps) => unknown;

export class Steps extends Transforms {
  #graph = new JobGraph();
  #io = new JobIO();
  /** The node that the next one follows; undefined before the first. */
  #tip: NodeId | undefined;

  constructor(source?: IOSource, options?: DecodeOptions) {
    super();
    if (source !== undefined) this.decode(source, options);
  }

  /** Reads a picture and begins a chain with it. */
  decode(source: IOSource, options?: DecodeOptions): this {
    return this.#begin(decodeNode(this.#io.input(source), options));
  }

  /** Begins a chain with a picture of one colour. */
  createCanvas(w: number, h: number, format: PixelFormat, color: Color): this {
    return this.#begin({ create_canvas: { w, h, format, color } });
  }

  /** Writes the picture as it is now. The chain may go on. */
  encode(destination: IODestination, preset: EncoderPreset, options: { metadata?: MetadataPolicy } = {}): this {
    // The check comes first: a chain that has not begun must not number outputs.
    const input = this.#current();
    this.#graph.add({ encode: { io_id: this.#io.output(destination), preset, metadata: options.metadata } }, { input });
    return this;
  }

  toJpeg(destination: IODestination, options: { quality?: number; progressive?: boolean; matte?: Color } = {}): this {
    return this.encode(destination, mozjpeg(options.quality ?? 90, options));
  }

  toPng(destination: IODestination, maximumDeflate = false): this {
    return this.encode(destination, lodepng(maximumDeflate));
  }

  /** Lossless WebP. */
  toWebP(destination: IODestination): this {
    return this.encode(destination, webpLossless());
  }

  toFile(preset: EncoderPreset, path: string | URL): this {
    return this.encode(new FromFile(path), preset);
  }

  /** The bytes appear in the `buffers` of the result, under `key`, or without one under the number of the output. */
  toBuffer(preset: EncoderPreset, key?: string): this {
    return this.encode(new FromBuffer(null, key), preset);
  }

  /** Writes the bytes to the stream and ends it. */
  toStream(preset: EncoderPreset, stream: Writable | WritableStream): this {
    return this.encode(new FromStream(stream), preset);
  }

  /** Lets `fn` continue from the current picture; this chain then goes on from where it was. */
  branch(fn: Continuation): this {
    fn(this.#chain(this.#current()));
    return this;
  }

  /** Draws the current picture, resized, onto the one that `fn` decodes or creates, and goes on with the result. */
  drawImageExactTo(fn: Continuation, to: Rectangle, blend?: CompositingMode, hints?: ResampleHints): this {
    const { x, y, w, h } = to;
    return this.#drawOnto(fn, { draw_image_exact: { x, y, w, h, blend, hints } });
  }

  /** Copies a part of the current picture, `area.w` × `area.h` from `fromX`, `fromY`, to `area.x`, `area.y` of the one that `fn` decodes or creates. */
  copyRectToCanvas(fn: Continuation, area: Rectangle, fromX: number, fromY: number): this {
    const { x, y, w, h } = area;
    return this.#drawOnto(fn, { copy_rect_to_canvas: { from_x: fromX, from_y: fromY, w, h, x, y } });
  }

  /** Runs the job. It may be run again, if its sources can be read again. */
  execute(options?: ExecuteOptions): Promise<ExecuteResult> {
    return execute({ message: this.toJSON(), inputs: this.#io.inputs, outputs: this.#io.outputs }, options);
  }

  /** Runs an ImageResizer querystring from `input` to `output`, apart from the steps described so far. */
  executeCommand(command: string, input: IOSource, output: IODestination, options?: ExecuteOptions): Promise<ExecuteResult> {
    const job = new Steps();
    const decode = job.#io.input(input);
    const encode = job.#io.output(output);
    job.#graph.add({ command_string: { kind: 'ir4', value: command, decode, encode } });
    return job.execute(options);
  }

  /** The message that `execute` sends. */
  toJSON(): Execute001 {
    return { framewise: { graph: this.#graph.toJSON() } };
  }

  protected override append(node: Node): this {
    this.#tip = this.#graph.add(node, { input: this.#current() });
    return this;
  }

  protected override input(source: IOSource): number {
    this.#current();
    return this.#io.input(source);
  }

  #begin(node: Node): this {
    this.#tip = this.#graph.add(node);
    return this;
  }

  #drawOnto(fn: Continuation, node: Node): this {
    const input = this.#current();
    const canvas = this.#chain(undefined);
    fn(canvas);
    this.#tip = this.#graph.add(node, { input, canvas: canvas.#current() });
    return this;
  }

  /** Another chain of the same job. */
  #chain(tip: NodeId | undefined): Steps {
    const chain = new Steps();
    chain.#graph = this.#graph;
    chain.#io = this.#io;
    chain.#tip = tip;
    return chain;
  }

  #current(): NodeId {
    if (this.#tip === undefined) throw new Error('decode must be the first node in graph');
    return this.#tip;
  }
}
