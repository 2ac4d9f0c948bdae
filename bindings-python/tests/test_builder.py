"""The messages a chain sends equal the vectors all bindings share."""

from __future__ import annotations

import json
from typing import Any, Callable

import imageflow
import pytest
from imageflow import presets

from conftest import SHARED_TESTS

CASES = json.loads((SHARED_TESTS / "builder.json").read_text(encoding="utf-8"))
# Every tag of the vectors is offered.
NOT_OFFERED: "set[str]" = set()
PRESETS = {
    "mozjpeg": presets.MozJpeg, "libjpegturbo": presets.LibJpegTurbo, "lodepng": presets.LodePng,
    "libpng": presets.LibPng, "pngquant": presets.PngQuant, "webplossy": presets.WebPLossy,
    "webplossless": presets.WebPLossless, "gif": presets.Gif, "auto": presets.Auto, "format": presets.Format,
}  # fmt: skip


class Sent(Exception):
    """Carries the message instead of sending it."""


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> "Callable[[Callable[[], object]], tuple[Any, Any, Any]]":
    def execute(self: object, method: str, message: Any, inputs: Any, outputs: Any) -> None:
        raise Sent(message, inputs, outputs)

    monkeypatch.setattr("imageflow._run.Run.execute", execute)

    def capture(run: "Callable[[], object]") -> "tuple[Any, Any, Any]":
        with pytest.raises(Sent) as caught:
            run()
        return caught.value.args

    return capture


def color(wire: Any) -> Any:
    return wire["srgb"]["hex"] if isinstance(wire, dict) else wire


def colored(args: "dict[str, Any]", *names: str) -> "dict[str, Any]":
    return {name: color(value) if name in names else value for name, value in args.items()}


def hints(args: "dict[str, Any]") -> "dict[str, Any]":
    return {**args, **({"hints": imageflow.Hints(**args["hints"])} if "hints" in args else {})}


def box(wire: "dict[str, Any]") -> Any:
    ((name, sides),) = wire.items()
    relative_to, kind = name.split("_")
    return (imageflow.PercentBox if kind == "percentage" else imageflow.MarginBox)(**sides, relative_to=relative_to)


def gravity(args: "dict[str, Any]") -> "dict[str, Any]":
    place = args.get("gravity")
    return {**args, **({"gravity": (place["percentage"]["x"], place["percentage"]["y"])} if place else {})}


def preset(wire: Any) -> Any:
    name, options = (wire, {}) if isinstance(wire, str) else next(iter(wire.items()))
    return PRESETS[name](**colored(options, "matte"))


def decode_options(commands: "list[Any]") -> imageflow.DecodeOptions:
    given: "dict[str, Any]" = {}
    for command in commands:
        if isinstance(command, str):
            given[command] = True
            continue
        ((name, fields),) = command.items()
        given[name] = (fields.pop("width"), fields.pop("height"))
        given.update(fields)
    return imageflow.DecodeOptions(**given)


def begin(call: str, args: "dict[str, Any]") -> imageflow.Job:
    if call == "create_canvas":
        return imageflow.Job().canvas(**colored(args, "color"))
    assert call == "decode"
    commands = args.get("commands")
    return imageflow.open(source(args["io"]), decode=decode_options(commands) if commands else None)


def source(io: int) -> bytes:
    return f"io {io}".encode()


def apply(job: imageflow.Job, calls: "list[Any]") -> imageflow.Job:
    """Calls the methods; returns the job to run, which is another one where the vector draws onto a canvas."""
    for call, args in calls:
        if call == "encode":
            job.encode(preset(args["preset"]), key=str(args["io"]))
        elif call == "branch":
            job.branch(lambda branch, calls=args: apply(branch, calls))
        elif call in ("draw_image_exact", "copy_rect_to_canvas"):
            options = dict(args)
            canvas = start(options.pop("canvas"))
            method = canvas.draw_image_exact if call == "draw_image_exact" else canvas.copy_rect
            job = method(job, **hints(options))
        elif call == "watermark":
            options = gravity(hints(dict(args)))
            job.watermark(source(options.pop("io")), **{**options, "fit_box": box(options["fit_box"])})
        elif call == "constrain":
            job.constrain(**gravity(hints(colored(args, "canvas_color"))))
        elif call == "color_filter":
            value = args["filter"]
            if isinstance(value, dict):
                ((name, amount),) = value.items()
                getattr(job, name)(amount)
            elif value.startswith("grayscale_"):
                job.grayscale(value[len("grayscale_") :])
            else:
                getattr(job, value)()
        elif call == "round_corners":
            ((unit, radius),) = args["radius"].items()
            unit = "percent" if unit == "percentage" else unit
            job.round_corners(**{unit: radius}, background_color=color(args["background_color"]))
        elif call == "command":
            job.command(args["value"])
        elif call.startswith("rotate_"):
            job.rotate(int(call[len("rotate_") :]))
        else:
            getattr(job, call)(**hints(colored(args, "color", "background_color")))
    return job


def start(calls: "list[Any]") -> imageflow.Job:
    return apply(begin(*calls[0]), calls[1:])


def plain(value: Any) -> Any:
    """Unit variants as strings, nothing null or empty, one spelling of numbers and colours."""
    if isinstance(value, dict):
        if len(value) == 1 and None in value.values():
            return next(iter(value))
        values = {name: plain(member) for name, member in value.items() if member is not None}
        if "commands" in values:
            values["commands"].sort(key=str)
        if "hex" in values:
            values["hex"] = values["hex"].lower().lstrip("#")
        return {name: member for name, member in values.items() if member or name not in ("hints", "commands")}
    if isinstance(value, list):
        return [plain(member) for member in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def forms(nodes: "list[Any]", edges: "list[Any]") -> "list[str]":
    """One text per node, which tells the node and all it is made of; node numbers do not matter."""
    parents = {(to, kind): origin for origin, to, kind in edges}
    assert len(parents) == len(edges)

    def form(at: Any) -> Any:
        if at is None:
            return None
        return [plain(nodes[at]), form(parents.get((at, "input"))), form(parents.get((at, "canvas")))]

    return sorted(json.dumps(form(at), sort_keys=True) for at in range(len(nodes)))


def renumbered(node: Any, ids: "dict[int, int]") -> Any:
    """The node with the vector's numbers of inputs and outputs."""
    if isinstance(node, dict):
        ((name, options),) = node.items()
        if isinstance(options, dict) and "io_id" in options:
            return {name: {**options, "io_id": ids[options["io_id"]]}}
    return node


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_message(case: "dict[str, Any]", sent: Any) -> None:
    if NOT_OFFERED & set(case.get("needs", ())):
        pytest.skip("not offered")
    expected = case["expected"]
    calls = case["calls"]
    if calls[0][0] == "command_io":
        message, inputs, outputs = sent(lambda: imageflow.querystring(b"", calls[0][1]["value"]))
        assert (list(inputs), list(outputs)) == ([0], [1])
        assert message == {"framewise": {"steps": expected["nodes"]}}
        return
    job = start(calls)
    message, inputs, outputs = sent(job.run)
    # A drawn image is numbered after its canvas here: map back by what each input and output stands for.
    ids = {io: int(given.given.decode()[3:]) for io, given in inputs.items()}
    ids.update({io: int(job._state.plan.keys[io]) for io in outputs})
    graph = message["framewise"]["graph"]
    nodes = [renumbered(graph["nodes"][str(at)], ids) for at in range(len(graph["nodes"]))]
    edges = [(edge["from"], edge["to"], edge["kind"]) for edge in graph["edges"]]
    assert forms(nodes, edges) == forms(expected["nodes"], expected["edges"])


def test_all_vectors_are_offered(capsys: pytest.CaptureFixture[str]) -> None:
    ran = [case for case in CASES if not NOT_OFFERED & set(case.get("needs", ()))]
    with capsys.disabled():
        print(f"\nbuilder vectors: {len(ran)} of {len(CASES)}")
    assert len(ran) == len(CASES) > 50


def test_comparison_sees_differences() -> None:
    chain = [[0, 1, "input"]]
    decode, other = {"decode": {"io_id": 0}}, {"decode": {"io_id": 1}}
    assert forms([decode, {"flip_v": None}], chain) == forms([decode, "flip_v"], chain)
    assert forms([decode, "flip_v"], chain) != forms([decode, "flip_h"], chain)
    assert forms([decode, "flip_v"], chain) != forms([other, "flip_v"], chain)
    assert forms([decode, "flip_v"], chain) != forms([decode, "flip_v"], [[0, 1, "canvas"]])
    assert forms([decode, "flip_v"], chain) != forms([decode, "flip_v"], [])


def test_vectors_run_in_the_engine(png: bytes) -> None:
    for case in CASES:
        nodes, edges = case["expected"]["nodes"], case["expected"]["edges"]
        message = {"framewise": {"graph": {
            "nodes": {str(at): node for at, node in enumerate(nodes)},
            "edges": [{"from": origin, "to": to, "kind": kind} for origin, to, kind in edges],
        }}}  # fmt: skip
        inputs, outputs = [], []
        for node in nodes:
            for name, options in node.items() if isinstance(node, dict) else ():
                if name == "command_string":
                    inputs += [options[io] for io in ("decode",) if io in options]
                    outputs += [options[io] for io in ("encode",) if io in options]
                elif name == "encode":
                    outputs.append(options["io_id"])
                elif name in ("decode", "watermark"):
                    inputs.append(options["io_id"])
        results = imageflow.execute_json(message, dict.fromkeys(inputs, png), outputs)
        assert len(results) == len(outputs), case["name"]
