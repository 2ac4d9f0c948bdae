"""The graph a job builds up, shared by the job and its branches. Each step names its parents; a step knows the one input
or output it uses, so that the message of a part of the graph can be told which to register.
"""

from __future__ import annotations

from typing import Any, NamedTuple, Optional

from ._sources import Source


class Step(NamedTuple):
    """A node. `options` None: one without options. `io`: the input, or with `writes` the output, it uses."""

    name: str
    options: Any = None
    parent: Optional[int] = None
    canvas: Optional[int] = None
    io: Optional[int] = None
    writes: bool = False

    def to_wire(self) -> Any:
        if self.io is not None:
            return {self.name: {"io_id": self.io, **self.options}}
        return self.name if self.options is None else {self.name: self.options}


class Message(NamedTuple):
    """What to send for a graph or a part of it."""

    framewise: dict[str, Any]
    inputs: dict[int, Source]
    outputs: list[int]


class Plan:
    """Steps in order of creation: parents come before children. Inputs and outputs are numbered together, from 0."""

    def __init__(self) -> None:
        self.steps: list[Step] = []
        self.inputs: dict[int, Source] = {}
        self.keys: dict[int, Optional[str]] = {}

    def add(self, step: Step) -> int:
        self.steps.append(step)
        return len(self.steps) - 1

    def add_input(self, source: Source) -> int:
        io_id = self._next_io()
        self.inputs[io_id] = source
        return io_id

    def add_output(self, key: Optional[str]) -> int:
        io_id = self._next_io()
        self.keys[io_id] = key
        return io_id

    def graft(self, other: Plan, tip: int) -> int:
        """Copies what `tip` of another plan is made of into this plan; returns where it is here."""
        here: dict[Optional[int], Optional[int]] = {None: None}
        inputs: dict[Optional[int], Optional[int]] = {None: None}
        for at in other._needed([tip]):
            step = other.steps[at]
            if step.io not in inputs and step.io is not None:
                inputs[step.io] = self.add_input(other.inputs[step.io])
            moved = step._replace(parent=here[step.parent], canvas=here[step.canvas], io=inputs[step.io])
            here[at] = self.add(moved)
        grafted = here[tip]
        assert grafted is not None
        return grafted

    def message(self, tip: Optional[int] = None) -> Message:
        """The whole graph, or the part of it that `tip` depends on."""
        order = range(len(self.steps)) if tip is None else self._needed([tip])
        number = {at: index for index, at in enumerate(order)}
        nodes: dict[str, Any] = {}
        edges: list[dict[str, Any]] = []
        inputs: dict[int, Source] = {}
        outputs: list[int] = []
        for at, index in number.items():
            step = self.steps[at]
            nodes[str(index)] = step.to_wire()
            for kind, parent in (("input", step.parent), ("canvas", step.canvas)):
                if parent is not None:
                    edges.append({"from": number[parent], "to": index, "kind": kind})
            if step.io is not None and step.writes:
                outputs.append(step.io)
            elif step.io is not None:
                inputs[step.io] = self.inputs[step.io]
        return Message({"graph": {"nodes": nodes, "edges": edges}}, inputs, outputs)

    def _needed(self, tips: list[int]) -> list[int]:
        """The tips and their ancestors, in order of creation."""
        needed: set[int] = set()
        while tips:
            at = tips.pop()
            if at not in needed:
                needed.add(at)
                step = self.steps[at]
                tips += [parent for parent in (step.parent, step.canvas) if parent is not None]
        return sorted(needed)

    def _next_io(self) -> int:
        return len(self.inputs) + len(self.keys)
