/** The builder emits the messages that the vectors shared by all bindings expect; and the engine runs them. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { DecodeOptions, FromBuffer, NativeJob, Steps, presets } from '@imazen/imageflow';
import { PACKAGE, picture } from './pictures.mjs';

const FILE = join(PACKAGE, '../tests/bindings/builder.json');
/** Tags of what this client has no call for: none. */
const NOT_OFFERED = [];

const input = await picture(presets.lodepng());

/** A vector's graph, run with this client's builder. */
class Dispatcher {
  /** Number in the vector → source or destination. */
  io = new Map();

  source(id) {
    if (!this.io.has(id)) this.io.set(id, new FromBuffer(input));
    return this.io.get(id);
  }

  destination(id) {
    this.io.set(id, new FromBuffer(null, `output ${id}`));
    return this.io.get(id);
  }

  run(steps, calls) {
    for (const [name, args] of calls) this[name](steps, args);
    return steps;
  }

  decode(steps, { io, commands = [] }) {
    const options = new DecodeOptions();
    for (const command of commands) this.#decodeCommand(options, command);
    steps.decode(this.source(io), options);
  }

  #decodeCommand(options, command) {
    if (command === 'discard_color_profile') return options.discardColorProfile();
    if (command === 'ignore_color_profile_errors') return options.ignoreColorProfileError();
    const [[name, c]] = Object.entries(command);
    if (name === 'webp_decoder_hints') return options.setWebpDecoderHints(c.width, c.height);
    if (name === 'jpeg_downscale_hints') {
      return options.setJpegDownscaleHint(c.width, c.height, {
        scaleLumaSpatially: c.scale_luma_spatially,
        gammaCorrectForSrgbDuringSpatialLumaScaling: c.gamma_correct_for_srgb_during_spatial_luma_scaling,
      });
    }
    throw new Error(`no decoder command ${name}`);
  }

  preset(wire) {
    if (wire === 'gif') return presets.gif();
    if (wire === 'webplossless') return presets.webpLossless();
    const [[name, p]] = Object.entries(wire);
    switch (name) {
      case 'mozjpeg': return presets.mozjpeg(p.quality, { progressive: p.progressive, matte: p.matte });
      case 'libjpegturbo':
        return presets.libjpegTurbo(p.quality, { progressive: p.progressive, optimizeHuffmanCoding: p.optimize_huffman_coding });
      case 'lodepng': return presets.lodepng(p.maximum_deflate);
      case 'libpng': return presets.libpng({ depth: p.depth, matte: p.matte, zlibCompression: p.zlib_compression });
      case 'pngquant': return presets.pngquant(p.quality, p.minimum_quality, { speed: p.speed, maximumDeflate: p.maximum_deflate });
      case 'webplossy': return presets.webpLossy(p.quality);
      case 'auto': return presets.auto(p.quality_profile);
      case 'format': return presets.format(p.format, { qualityProfile: p.quality_profile });
      default: throw new Error(`no preset ${name}`);
    }
  }

  encode(steps, { io, preset }) { steps.encode(this.destination(io), this.preset(preset)); }
  create_canvas(steps, c) { steps.createCanvas(c.w, c.h, c.format, c.color); }
  branch(steps, calls) { steps.branch((branch) => this.run(branch, calls)); }
  constrain(steps, c) {
    // The short call where it says all there is to say.
    const { mode, w, h, ...rest } = c;
    if (mode === 'within' && Object.keys(rest).length === 0) steps.constrainWithin(w, h);
    else steps.constrain(c);
  }
  distort(steps, { w, h, hints }) { steps.distort(w, h, hints); }
  flip_v(steps) { steps.flipVertical(); }
  flip_h(steps) { steps.flipHorizontal(); }
  rotate_90(steps) { steps.rotate90(); }
  rotate_180(steps) { steps.rotate180(); }
  rotate_270(steps) { steps.rotate270(); }
  transpose(steps) { steps.transpose(); }
  apply_orientation(steps, { flag }) { steps.applyOrientation(flag); }
  crop(steps, { x1, y1, x2, y2 }) { steps.crop(x1, y1, x2, y2); }
  region(steps, r) { steps.region(r.x1, r.y1, r.x2, r.y2, r.background_color); }
  region_percent(steps, r) { steps.regionPercent(r.x1, r.y1, r.x2, r.y2, r.background_color); }
  crop_whitespace(steps, c) { steps.cropWhitespace(c.threshold, c.percent_padding); }
  fill_rect(steps, r) { steps.fillRect(r.x1, r.y1, r.x2, r.y2, r.color); }
  expand_canvas(steps, { color, ...margins }) { steps.expandCanvas(margins, color); }
  round_corners(steps, c) {
    steps.roundImageCorners(c.radius.pixels ?? c.radius, c.background_color);
  }
  watermark(steps, w) {
    steps.watermark(this.source(w.io), {
      gravity: w.gravity, fitMode: w.fit_mode, fitBox: w.fit_box, opacity: w.opacity, hints: w.hints,
      minCanvasWidth: w.min_canvas_width, minCanvasHeight: w.min_canvas_height,
    });
  }
  watermark_red_dot(steps) { steps.watermarkRedDot(); }
  color_filter(steps, { filter }) {
    const calls = {
      grayscale_ntsc: 'colorFilterGrayscaleNtsc', grayscale_flat: 'colorFilterGrayscaleFlat',
      grayscale_bt709: 'colorFilterGrayscaleBt709', grayscale_ry: 'colorFilterGrayscaleRY', sepia: 'colorFilterSepia',
      invert: 'colorFilterInvert', alpha: 'colorFilterAlpha', contrast: 'colorFilterContrast',
      brightness: 'colorFilterBrightness', saturation: 'colorFilterSaturation',
    };
    const [name, value] = typeof filter === 'string' ? [filter] : Object.entries(filter)[0];
    steps[calls[name]](value);
  }
  white_balance(steps, { threshold }) { steps.whiteBalance(threshold); }
  color_matrix(steps, { matrix }) { steps.colorMatrixSrgb(matrix); }
  command(steps, { value }) { steps.command(value); }
  draw_image_exact(steps, { canvas, x, y, w, h, blend, hints }) {
    steps.drawImageExactTo((chain) => this.run(chain, canvas), { x, y, w, h }, blend, hints);
  }
  copy_rect_to_canvas(steps, { canvas, x, y, w, h, from_x, from_y }) {
    steps.copyRectToCanvas((chain) => this.run(chain, canvas), { x, y, w, h }, from_x, from_y);
  }

  /** Runs the calls; `executeCommand` is a whole job. */
  execute(calls) {
    if (calls[0][0] === 'command_io') {
      const { value, decode, encode } = calls[0][1];
      return new Steps().executeCommand(value, this.source(decode), this.destination(encode));
    }
    return this.run(new Steps(), calls).execute();
  }

  /** The numbers this client gave, to those of the vector. */
  numbers() {
    return new Map([...this.io].map(([id, io]) => [io.ioID, id]));
  }
}

/** Point 2 and 3 of the README beside the vectors; `numbers` brings io ids to those of the vector. */
function normal(value, numbers, key) {
  if (Array.isArray(value)) {
    const list = value.map((item) => normal(item, numbers));
    return key === 'commands' ? list.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : list;
  }
  if (typeof value === 'string') return key === 'hex' ? value.toLowerCase().replace(/^#/, '') : value;
  if (typeof value === 'number') {
    return ['io_id', 'decode', 'encode'].includes(key) && numbers ? numbers.get(value) : value;
  }
  if (value === null || typeof value !== 'object') return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && value[keys[0]] === null) return keys[0];
  const members = keys
    .map((name) => [name, normal(value[name], numbers, name)])
    .filter(([, member]) => member !== null && member !== undefined)
    .filter(([name, member]) => !(['hints', 'commands'].includes(name) && Object.keys(member).length === 0));
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Point 4: the sorted forms of a graph's nodes. */
function forms({ nodes, edges }, numbers) {
  const form = (id) => {
    const parent = (kind) => {
      const edge = edges.find((e) => e.to === id && e.kind === kind);
      return edge === undefined ? null : form(edge.from);
    };
    return [normal(nodes[id], numbers), parent('input'), parent('canvas')];
  };
  return Object.keys(nodes).map((id) => JSON.stringify(form(Number(id)))).sort();
}

/** The graph in the message that reaches the engine. */
async function sent(run) {
  const { message } = NativeJob.prototype;
  let graph;
  NativeJob.prototype.message = function (endpoint, json, options) {
    assert.equal(endpoint, 'v1/execute');
    graph = JSON.parse(JSON.stringify(json)).framewise.graph;
    return message.call(this, endpoint, json, options);
  };
  try {
    const result = await run();
    assert.equal(result.response.code, 200);
  } finally {
    NativeJob.prototype.message = message;
  }
  return graph;
}

if (!existsSync(FILE)) {
  test('shared vectors', { skip: `there is no ${FILE}` }, () => {});
} else {
  const cases = JSON.parse(readFileSync(FILE, 'utf8'));
  const run = cases.filter(({ needs = [] }) => !needs.some((tag) => NOT_OFFERED.includes(tag)));
  console.log(`vectors: ${run.length} of ${cases.length}`);
  for (const { name, calls, expected } of run) {
    test(`vector ${name}`, async () => {
      const dispatcher = new Dispatcher();
      const graph = await sent(() => dispatcher.execute(calls));
      const { nodes } = expected;
      const edges = expected.edges.map(([from, to, kind]) => ({ from, to, kind }));
      assert.deepEqual(forms(graph, dispatcher.numbers()), forms({ nodes: { ...nodes }, edges }));
    });
  }
}
