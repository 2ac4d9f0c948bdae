#!/usr/bin/env python3
"""Whole jobs: CPU, wall time and peak memory of imageflow_tool beside other programs, as a Markdown table.

    python3 bench/jobs.py [-n ROUNDS] [--sharp FOLDER] [--jobs J1,J2,...]
    python3 bench/jobs.py --warm [-n ROUNDS]         many jobs in one process, through the C library

Rounds are interleaved: in each one every program runs once, so that a busy moment hits all of them. Figures are
medians; a ratio is the median of the ratios of each round. Programs that are not installed are left out:
vipsthumbnail and convert (or magick) on PATH, Pillow in this python, sharp in FOLDER/node_modules (or SHARP_DIR).

The picture is corpus/photos/photo-12mp-420-srgb.jpg of IMAGEFLOW_SHARED (or ../shared beside the checkout), without
its colour profile, since not every program would apply it; without that folder, the generated 12 megapixel landscape.
Every output is checked for its format and width: a fast wrong answer is reported as wrong.
"""

import argparse
import ctypes
import json
import os
import platform
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "release"
WORK = Path(tempfile.gettempdir()) / "imageflow-bench"
FOUR = (1600, 1200, 800, 400)

SHARP = """
const sharp = require('sharp'); sharp.cache(false);
const [input, output, format, count, ...widths] = process.argv.slice(2);
const write = (image, width) => {
  image = image.resize(+width);
  image = format === 'png' ? image.png({compressionLevel: 6}) : image.jpeg({quality: 85});
  return image.toFile(output.replace('WIDTH', width));
};
(async () => {
  const times = [];
  for (let i = 0; i < +count; i++) {
    const before = process.cpuUsage();
    const source = sharp(input).rotate();
    await Promise.all(widths.map(w => write(widths.length > 1 ? source.clone() : source, w)));
    const used = process.cpuUsage(before);
    times.push((used.user + used.system) / 1000);
  }
  console.log(JSON.stringify(times));
})();
"""


class Job:
    """One kind of work: an input, a format and one or more widths."""

    def __init__(self, title, source, form, widths):
        self.title, self.source, self.form, self.widths = title, str(source), form, widths
        self.ext = "png" if form == "png" else "jpg"

    def outputs(self, who):
        return [str(WORK / f"{who}-{w}.{self.ext}") for w in self.widths]

    def querystring(self, width):
        return f"width={width}&format=png" if self.form == "png" else f"width={width}&quality=85&format=jpg"

    def framewise(self):
        nodes = {"0": {"decode": {"io_id": 0}}}
        edges = []
        for n, width in enumerate(self.widths, 1):
            nodes[str(n)] = {"command_string": {"kind": "ir4", "value": self.querystring(width), "encode": n}}
            edges.append({"from": 0, "to": n, "kind": "input"})
        return {"graph": {"nodes": nodes, "edges": edges}}


def generated(path, width, height):
    if not path.exists():
        example = ["cargo", "run", "--quiet", "--release", "-p", "imageflow-tests", "--example", "demo_picture", "--"]
        subprocess.run([*example, str(path), str(width), str(height)], cwd=ROOT, check=True)
    return path


def without_profile(path):
    """A copy without the ICC segments of a JPEG; every other byte is kept."""
    data = path.read_bytes()
    out, at = bytearray(data[:2]), 2
    while data[at + 1] != 0xDA:
        end = at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if not (data[at + 1] == 0xE2 and data[at + 4 : at + 15] == b"ICC_PROFILE"):
            out += data[at:end]
        at = end
    copy = WORK / ("plain-" + path.name)
    copy.write_bytes(out + data[at:])
    return copy


def jobs(tool):
    shared = Path(os.environ.get("IMAGEFLOW_SHARED", ROOT.parent / "shared"))
    photo = shared / "corpus/photos/photo-12mp-420-srgb.jpg"
    photo = without_profile(photo) if photo.exists() else generated(WORK / "landscape.jpg", 4256, 2832)
    tiny = WORK / "tiny.png"
    small = generated(WORK / "small.jpg", 64, 64)
    run = [tool, "v1/querystring", "--quiet", "--in", small, "--out", tiny, "--command", "format=png"]
    subprocess.run([str(a) for a in run], check=True)
    return {
        "J1": Job("12 MP JPEG to 400 px", photo, "jpeg", (400,)),
        "J2": Job("12 MP JPEG to 1600 px", photo, "jpeg", (1600,)),
        "J3": Job("12 MP JPEG to 1600, 1200, 800 and 400 px", photo, "jpeg", FOUR),
        "J4": Job("64×64 PNG to PNG", tiny, "png", (64,)),
    }


def programs(job, tool, sharp):
    """Command lines by name. Several runs for one job are one shell command."""
    found = {}
    if len(job.widths) == 1:
        found["imageflow"] = [tool, "v1/querystring", "--quiet", "--in", job.source, "--out", job.outputs("imageflow")[0],
                              "--command", job.querystring(job.widths[0])]
    else:
        io = [{"io_id": 0, "direction": "in", "io": {"file": job.source}}]
        io += [{"io_id": n, "direction": "out", "io": {"file": p}} for n, p in enumerate(job.outputs("imageflow"), 1)]
        recipe = WORK / "four.json"
        recipe.write_text(json.dumps({"io": io, "framewise": job.framewise()}))
        found["imageflow"] = [tool, "v1/build", "--quiet", "--json", str(recipe)]
    each = list(zip(job.widths, range(len(job.widths))))
    if vips := shutil.which("vipsthumbnail"):
        options = "[compression=6,strip]" if job.form == "png" else "[Q=85,strip]"
        found["vipsthumbnail"] = together(
            [[vips, job.source, "-s", f"{w}x", "-o", job.outputs("vipsthumbnail")[n] + options] for w, n in each])
    if magick := shutil.which("magick") or shutil.which("convert"):
        hint = lambda w: [] if job.form == "png" else ["-define", f"jpeg:size={2 * w}x{2 * w}"]
        found["ImageMagick"] = together(
            [[magick, *hint(w), job.source, "-resize", f"{w}x", "-strip", "-quality", "85", job.outputs("ImageMagick")[n]]
             for w, n in each])
    if has_pillow():
        found["Pillow"] = [sys.executable, __file__, "--pillow", job.source, job.form, *map(str, job.widths)]
    if sharp and shutil.which("node"):
        found["sharp"] = sharp_command(job, sharp, 1)
    return found


def together(commands):
    if len(commands) == 1:
        return commands[0]
    quote = lambda word: "'" + word + "'"
    return ["/bin/sh", "-c", " && ".join(" ".join(map(quote, c)) for c in commands)]


def sharp_command(job, folder, count):
    script = Path(folder) / "imageflow_jobs.cjs"
    script.write_text(SHARP)
    pattern = str(WORK / f"sharp-WIDTH.{job.ext}")
    return ["node", str(script), job.source, pattern, job.form, str(count), *map(str, job.widths)]


def has_pillow():
    try:
        import PIL  # noqa: F401
    except ImportError:
        return False
    return True


def pillow(source, form, widths):
    from PIL import Image

    ext = "png" if form == "png" else "jpg"
    whole = Image.open(source)
    if form == "jpeg":
        whole.draft("RGB", (2 * max(widths), 2 * max(widths)))
    for width in widths:
        image = whole.resize((width, max(1, round(whole.height * width / whole.width))), Image.LANCZOS)
        image.save(WORK / f"Pillow-{width}.{ext}", **({"compress_level": 6} if form == "png" else {"quality": 85}))


def measured(command):
    """(CPU ms, wall ms, peak MiB), by the `measure` program: a small starter, whose own memory does not count."""
    report = WORK / "measure"
    run = [str(TARGET / "measure"), str(report), *map(str, command)]
    done = subprocess.run(run, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    peak, cpu, wall, status = map(int, report.read_text().split())
    if status:
        raise RuntimeError(f"{command[0]}: exit status {status}: {done.stderr.decode(errors='replace')[-300:]}")
    return cpu / 1000, wall / 1000, peak / 1024


def wrong(job, who):
    """What is wrong with the outputs, or nothing."""
    for path, width in zip(job.outputs(who), job.widths):
        data = Path(path).read_bytes()
        form, actual = ("png", int.from_bytes(data[16:20], "big")) if data[:4] == b"\x89PNG" else ("jpeg", jpeg_width(data))
        if (form, actual) != (job.form, width):
            return f" wrong: {form} of {actual} px"
    return ""


def jpeg_width(data):
    at = 2
    while at + 9 < len(data) and not (0xC0 <= data[at + 1] <= 0xCF and data[at + 1] not in (0xC4, 0xC8, 0xCC)):
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return int.from_bytes(data[at + 7 : at + 9], "big")


def cold(chosen, rounds, tool, sharp):
    for job in chosen:
        commands, results = programs(job, tool, sharp), {}
        for round_ in range(rounds + 1):  # the first is not counted
            for who, command in commands.items():
                figures = measured(command)
                if round_:
                    results.setdefault(who, []).append(figures)
        print(f"\n{job.title}\n\n| program | CPU ms | wall ms | peak MiB | CPU ratio |\n|---|---|---|---|---|")
        for who, runs in results.items():
            cpu, wall, peak = (statistics.median(column) for column in zip(*runs))
            ratio = statistics.median(r[0] / o[0] for r, o in zip(runs, results["imageflow"]))
            print(f"| {who}{wrong(job, who)} | {cpu:.1f} | {wall:.1f} | {peak:.1f} | {ratio:.2f} |")
        sys.stdout.flush()


def warm(chosen, rounds, sharp):
    for job in chosen:
        times = {"imageflow": in_library(job, rounds)}
        if sharp and shutil.which("node"):
            out = subprocess.run(sharp_command(job, sharp, rounds + 2), capture_output=True, check=True).stdout
            times["sharp"] = json.loads(out)[2:]
        print(f"\n{job.title}, warm\n\n| program | CPU ms | CPU ratio |\n|---|---|---|")
        base = statistics.median(times["imageflow"])
        for who, values in times.items():
            print(f"| {who}{wrong(job, who)} | {statistics.median(values):.1f} | {statistics.median(values) / base:.2f} |")
        sys.stdout.flush()


def library():
    name = {"Darwin": "libimageflow.dylib", "Windows": "imageflow.dll"}.get(platform.system(), "libimageflow.so")
    lib = ctypes.CDLL(str(TARGET / name))
    pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int32
    for function, result, arguments in (
        ("imageflow_context_create", pointer, [ctypes.c_uint32] * 2),
        ("imageflow_context_add_input_buffer", ctypes.c_bool, [pointer, number, ctypes.c_char_p, size, number]),
        ("imageflow_context_add_output_buffer", ctypes.c_bool, [pointer, number]),
        ("imageflow_context_send_json", pointer, [pointer, ctypes.c_char_p, ctypes.c_char_p, size]),
        ("imageflow_context_get_output_buffer_by_id", ctypes.c_bool,
         [pointer, number, ctypes.POINTER(pointer), ctypes.POINTER(size)]),
        ("imageflow_context_has_error", ctypes.c_bool, [pointer]),
        ("imageflow_context_destroy", None, [pointer]),
    ):
        declared = getattr(lib, function)
        declared.restype, declared.argtypes = result, arguments
    return lib


def in_library(job, rounds):
    """CPU ms of each job after two that are not counted."""
    lib, source = library(), Path(job.source).read_bytes()
    message = json.dumps({"framewise": job.framewise()}).encode()
    version = lib.imageflow_abi_version_major(), lib.imageflow_abi_version_minor()
    times = []
    for _ in range(rounds + 2):
        before = resource.getrusage(resource.RUSAGE_SELF)
        context = lib.imageflow_context_create(*version)
        lib.imageflow_context_add_input_buffer(context, 0, source, len(source), 1)
        for n in range(1, len(job.widths) + 1):
            lib.imageflow_context_add_output_buffer(context, n)
        lib.imageflow_context_send_json(context, b"v1/execute", message, len(message))
        if lib.imageflow_context_has_error(context):
            sys.exit(f"{job.title}: the job failed")
        for n, path in enumerate(job.outputs("imageflow"), 1):
            start, length = ctypes.c_void_p(), ctypes.c_size_t()
            lib.imageflow_context_get_output_buffer_by_id(context, n, ctypes.byref(start), ctypes.byref(length))
            Path(path).write_bytes(ctypes.string_at(start, length.value))
        lib.imageflow_context_destroy(context)
        after = resource.getrusage(resource.RUSAGE_SELF)
        times.append((after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) * 1000)
    return times[2:]


def versions(sharp):
    def first_line(*command):
        done = subprocess.run(command, capture_output=True, text=True)
        return (done.stdout or done.stderr).splitlines()[0] if done.stdout or done.stderr else "?"

    if vips := shutil.which("vips"):
        yield first_line(vips, "--version")
    if magick := shutil.which("magick") or shutil.which("convert"):
        yield first_line(magick, "--version").replace("Version: ", "")
    if has_pillow():
        import PIL

        yield f"Pillow {PIL.__version__}"
    package = Path(sharp or "/nonexistent") / "node_modules/sharp/package.json"
    if package.exists():
        yield f"sharp {json.loads(package.read_text())['version']}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=7, help="rounds (default 7)")
    parser.add_argument("--jobs", default="J1,J2,J3,J4")
    parser.add_argument("--sharp", default=os.environ.get("SHARP_DIR"), help="folder with node_modules/sharp")
    parser.add_argument("--warm", action="store_true", help="many jobs in one process")
    arguments = parser.parse_args()

    build = ["cargo", "build", "--quiet", "--release", "-p", "imageflow-tool", "-p", "imageflow-tests", "-p", "libimageflow"]
    subprocess.run(build, cwd=ROOT, check=True)
    WORK.mkdir(exist_ok=True)
    tool = str(TARGET / "imageflow_tool")
    commit = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=ROOT, capture_output=True, text=True)
    print(f"commit {commit.stdout.strip() or '?'}, {platform.machine()}, {os.cpu_count()} CPUs, {arguments.n} rounds")
    print("; ".join(versions(arguments.sharp)))
    available = jobs(tool)
    chosen = [available[name] for name in arguments.jobs.split(",")]
    if arguments.warm:
        warm(chosen, arguments.n, arguments.sharp)
    else:
        cold(chosen, arguments.n, tool, arguments.sharp)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--pillow"]:
        pillow(sys.argv[2], sys.argv[3], [int(w) for w in sys.argv[4:]])
    else:
        main()
