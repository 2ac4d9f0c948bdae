/** Sources, destinations, results, and what the chains of Steps mean. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Writable } from 'node:stream';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { DecodeOptions, FromBuffer, FromFile, FromStream, FromURL, ImageflowError, NativeJob, Pipeline, Steps, getImageInfo, getLongVersionString, getVersionInfo, presets } from '@imazen/imageflow';
import { drawing, picture } from './pictures.mjs';

const png = await picture(presets.lodepng());
const folder = await mkdtemp(join(tmpdir(), 'imageflow-'));
const path = (name) => join(folder, name);
await writeFile(path('in.png'), png);

async function widthOf(bytes) {
  return (await getImageInfo(new FromBuffer(bytes))).image_width;
}

test('files, by path and by URL', async () => {
  const { buffers } = await new Steps(new FromFile(path('in.png')))
    .constrainWithin(20)
    .toFile(presets.lodepng(), path('out.png'))
    .encode(new FromFile(pathToFileURL(path('url.png'))), presets.lodepng())
    .execute();
  assert.deepEqual(buffers, {});
  assert.equal(await widthOf(await readFile(path('out.png'))), 20);
  assert.deepEqual(await readFile(path('url.png')), await readFile(path('out.png')));
});

test('a file may be replaced by its own thumbnail', async () => {
  await writeFile(path('same.png'), png);
  const same = new FromFile(path('same.png'));
  await new Steps(same).constrainWithin(11).encode(same, presets.lodepng()).execute();
  assert.equal(await widthOf(await readFile(path('same.png'))), 11);
});

test('buffers: by key, by get, without a key by number', async () => {
  const { buffers } = await new Steps(new FromBuffer(png))
    .toBuffer(presets.gif(), 'k')
    .toBuffer(presets.lodepng())
    .encode(new FromBuffer(null, 'get'), presets.webpLossless())
    .execute();
  assert.deepEqual(Object.keys(buffers).sort(), ['2', 'get', 'k']);
  assert.ok(buffers.k instanceof Buffer);
  const one = await new Steps(new FromBuffer(png)).toBuffer(presets.gif(), 'k').execute();
  assert.equal(one.buffers.get('k'), one.buffers.k);
  assert.equal(one.buffers.get('other'), undefined);
  assert.equal(one.buffers.get('toString'), undefined);
  assert.deepEqual(Object.keys(one.buffers), ['k']);
});

test('an output has memory of its own', async () => {
  const { buffers } = await new Steps(new FromBuffer(png)).toBuffer(presets.lodepng(), 'k').execute();
  const copy = Buffer.from(buffers.k);
  gc();
  await new Steps(new FromBuffer(png)).toBuffer(presets.lodepng(), 'k').execute();
  assert.deepEqual(buffers.k, copy);
  assert.equal(buffers.k.buffer.byteLength, buffers.k.length);
});

test('streams of Node', async () => {
  const out = createWriteStream(path('stream.png'));
  await new Steps(new FromStream(createReadStream(path('in.png'), { highWaterMark: 7 })))
    .constrainWithin(12)
    .toStream(presets.lodepng(), out)
    .execute();
  assert.ok(out.writableFinished);
  assert.equal(await widthOf(await readFile(path('stream.png'))), 12);
});

test('streams of the web, and any async iterable', async () => {
  const received = [];
  const sink = new WritableStream({ write: (chunk) => void received.push(chunk) });
  await new Steps(new FromStream(new Blob([png]).stream())).constrainWithin(13).toStream(presets.gif(), sink).execute();
  assert.equal(await widthOf(Buffer.concat(received)), 13);
  async function* parts() {
    yield png.subarray(0, 10);
    yield new Uint8Array(png.subarray(10));
  }
  assert.equal((await getImageInfo(new FromStream(parts()))).image_width, 64);
});

test('one job may read what another writes', async () => {
  const between = new PassThrough();
  const first = new Steps(new FromBuffer(png)).constrainWithin(30).toStream(presets.lodepng(), between).execute();
  const second = new Pipeline(new FromStream(between)).constrainWithin(15).execute(presets.gif());
  await first;
  assert.equal(await widthOf((await second).outputBuffer), 15);
});

test('a stream that fails fails the job', async () => {
  const broken = new PassThrough();
  broken.destroy(new Error('the line is cut'));
  await assert.rejects(getImageInfo(new FromStream(broken)), /the line is cut/);
  const full = new Writable({ write: (_chunk, _encoding, done) => done(new Error('the disk is full')) });
  await assert.rejects(new Steps(new FromBuffer(png)).toStream('gif', full).execute(), /the disk is full/);
  const gone = new PassThrough();
  gone.destroy();
  await assert.rejects(new Steps(new FromBuffer(png)).toStream('gif', gone).execute(), /destroyed|premature/i);
  await assert.rejects(getImageInfo(new FromStream(new WritableStream())), /must be readable/);
});

test('URLs are fetched, and posted to', async () => {
  const posted = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/missing') return response.writeHead(404).end();
    if (request.method === 'GET') return response.end(png);
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    posted.push([request.method, request.headers['content-type'], Buffer.concat(chunks)]);
    response.writeHead(201).end('stored');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  after(() => server.close());
  const url = (name) => `http://127.0.0.1:${server.address().port}/${name}`;
  await new Steps(new FromURL(url('in.png'))).constrainWithin(14).encode(new FromURL(new URL(url('out'))), presets.mozjpeg(80)).execute();
  assert.deepEqual(posted[0].slice(0, 2), ['POST', 'image/jpeg']);
  assert.equal(await widthOf(posted[0][2]), 14);
  for (const run of [
    () => getImageInfo(new FromURL(url('missing'))),
    () => new Steps(new FromBuffer(png)).encode(new FromURL(url('missing')), 'gif').execute(),
  ]) {
    await assert.rejects(run, (error) => {
      assert.ok(error instanceof ImageflowError);
      assert.equal(error.code, 502);
      assert.match(error.message, /(GET|POST) .*\/missing was answered 404 Not Found/);
      return true;
    });
  }
  server.closeAllConnections();
});

test('sources and destinations of one\'s own', async () => {
  class Own {
    numbers = [];
    setIOID(id, direction) { this.numbers.push([id, direction]); }
    get ioID() { return this.numbers.at(-1)?.[0]; }
    async toBuffer() { return png; }
    toOutput(bytes, collector, { encode }) { collector.own = [bytes.length, encode.preferred_extension]; }
  }
  const [from, to] = [new Own(), new Own()];
  const { buffers } = await new Steps(from).encode(to, presets.gif()).execute();
  assert.equal(buffers.own[1], 'gif');
  assert.deepEqual([from.numbers, to.numbers], [[[0, 'in']], [[1, 'out']]]);
});

test('a source that is used twice is read once', async () => {
  let reads = 0;
  const source = new FromBuffer(png);
  source.toBuffer = async () => ((reads += 1), png);
  const { jobResult } = await new Steps(source).watermark(source, { fitBox: { image_percentage: { x1: 50, y1: 50, x2: 100, y2: 100 } } }).toBuffer('gif', 'k').execute();
  assert.equal(reads, 1);
  assert.equal(jobResult.decodes.length, 1);
});

test('branches go on from where they begin; the chain goes on from there too', async () => {
  const { jobResult } = await new Steps(new FromBuffer(png))
    .constrainWithin(40)
    .branch((b) => b.constrainWithin(30).branch((c) => c.constrainWithin(20).toBuffer('gif', 'c')).toBuffer('gif', 'b'))
    .rotate90()
    .toBuffer('gif', 'a')
    .execute();
  assert.deepEqual(jobResult.encodes.map(({ w, h }) => [w, h]), [[20, 15], [30, 23], [30, 40]]);
});

test('pictures are drawn onto others', async () => {
  const { jobResult, buffers } = await new Steps(new FromBuffer(png))
    .drawImageExactTo((canvas) => canvas.createCanvas(100, 90, 'bgra_32', 'black'), { x: 1, y: 1, w: 50, h: 40 }, 'overwrite')
    .copyRectToCanvas((canvas) => canvas.decode(new FromBuffer(png)).flipVertical(), { x: 0, y: 0, w: 10, h: 10 }, 5, 5)
    .toBuffer(presets.lodepng(), 'k')
    .execute();
  assert.deepEqual([jobResult.encodes[0].w, jobResult.encodes[0].h], [64, 48]);
  assert.equal(await widthOf(buffers.k), 64);
});

test('a job may be described once and run often; toJSON shows what is sent', async () => {
  const steps = drawing(10, 10).toBuffer(presets.gif(), 'k');
  const [a, b] = [await steps.execute(), await steps.execute()];
  assert.deepEqual(a.buffers, b.buffers);
  assert.deepEqual(JSON.parse(JSON.stringify(new Steps(new FromBuffer(png)).flipVertical().toBuffer('gif'))), {
    framewise: {
      graph: {
        nodes: { 0: { decode: { io_id: 0 } }, 1: 'flip_v', 2: { encode: { io_id: 1, preset: 'gif' } } },
        edges: [{ from: 0, to: 1, kind: 'input' }, { from: 1, to: 2, kind: 'input' }],
      },
    },
  });
});

test('commands', async () => {
  const result = await new Steps().executeCommand('width=16&height=16&mode=crop&format=webp', new FromBuffer(png), new FromBuffer(null, 'k'));
  const [{ w, h, preferred_mime_type: type }] = result.jobResult.encodes;
  assert.deepEqual([w, h, type], [16, 16, 'image/webp']);
  const { jobResult } = await new Pipeline(new FromBuffer(png)).command('w=8').execute(presets.gif());
  assert.equal(jobResult.encodes[0].w, 8);
});

test('decode options', async () => {
  const options = new DecodeOptions().discardColorProfile();
  assert.throws(() => options.discardColorProfile(), /duplicate options are not allowed/);
  const animation = await new Pipeline(new FromBuffer(await picture(presets.gif())), new DecodeOptions().selectFrame(0)).execute('gif');
  assert.equal(await widthOf(animation.outputBuffer), 64);
  await assert.rejects(
    new Pipeline(new FromBuffer(await picture(presets.gif())), new DecodeOptions().selectFrame(5)).execute('gif'),
    /frame/,
  );
  const jpeg = await picture(presets.mozjpeg(90), 800, 600);
  const small = await new Pipeline(new FromBuffer(jpeg), new DecodeOptions().setJpegDownscaleHint(100, 75)).execute(presets.lodepng());
  assert.deepEqual([small.jobResult.encodes[0].w, small.jobResult.encodes[0].h], [100, 75]);
});

test('the version', () => {
  const info = getVersionInfo();
  assert.match(info.versionString, /^imageflow \d+\.\d+\.\d+/);
  assert.equal(getLongVersionString(), info.versionString);
  assert.equal(typeof info.last_git_commit, 'string');
});

test('NativeJob by hand', async () => {
  const job = new NativeJob();
  job.addInputBytes(-5, png);
  job.addOutputBuffer(7);
  assert.equal(job.getOutputBufferBytes(7).length, 0);
  const message = JSON.stringify({ framewise: { steps: [{ decode: { io_id: -5 } }, { encode: { io_id: 7, preset: 'gif' } }] } });
  assert.equal(JSON.parse(await job.message('v1/execute', message)).success, true);
  const bytes = job.getOutputBufferBytes(7);
  assert.deepEqual(job.getOutputBufferBytes(7), bytes);
  assert.throws(() => job.addInputBytes(1.5, png), /32-bit whole number/);
  assert.throws(() => job.addInputBytes(2 ** 31, png), /32-bit whole number/);
  job.clean();
  job.clean();
  assert.throws(() => job.addOutputBuffer(8), /used after clean/);
  const other = new NativeJob();
  assert.throws(() => { other.addOutputBuffer(1); other.addOutputBuffer(1); }, /DuplicateIoId/);
  other.clean();
});
