# SPDX-License-Identifier: BSD-3-Clause
"""``adjustQuantum`` of a task, for many quanta."""

from typing import Any

from lsst.pipe.base import NoWorkFound

from ..failed import Failed
from .task import Batch, Edges, HookTask

Side = dict[str, tuple[Any, tuple[Any, ...]]]


def adjust_quanta(task: HookTask, plain: dict[str, Any]) -> dict[str, Any]:
    """Of the quanta of a batch those that change: what is left of their connections, or why there is no work.

    Quanta are named by their place in the batch, datasets by their place in the table of their type.
    """
    batch = Batch(task, plain)
    connections = task.connections
    output_names = sorted(connections.outputs)
    changed: list[list[Any]] = []
    no_work: list[list[Any]] = []
    missing: list[list[Any]] = []
    for quantum in range(len(batch.quanta)):
        data_id = batch.quanta[quantum]
        inputs = side(task, batch.inputs, task.input_names, quantum)
        outputs = side(task, batch.outputs, output_names, quantum)
        try:
            new_inputs, new_outputs = connections.adjustQuantum(dict(inputs), dict(outputs), task.label, data_id)
        except NoWorkFound as none:
            no_work.append([quantum, *reason(none)])
            continue
        except FileNotFoundError as none:
            missing.append([quantum, str(none)])
            continue
        except Failed:
            raise
        except Exception as error:
            raise Failed("adjustQuantum", error, data_id) from error
        if new_inputs or new_outputs:
            left = (
                remaining(task, batch.inputs, inputs, new_inputs, quantum, data_id),
                remaining(task, batch.outputs, outputs, new_outputs, quantum, data_id),
            )
            if left[0] or left[1]:
                changed.append([quantum, *left])
    return {"changed": changed, "noWork": no_work, "missing": missing}


def side(task: HookTask, edges: dict[str, Edges], names: list[str], quantum: int) -> Side:
    """Inputs or outputs of a quantum by connection."""
    found: Side = {}
    for name in names:
        of = edges.get(name)
        items = of.of(quantum) if of is not None else []
        refs = of.datasets.refs(task.dataset_type(name), items) if of is not None and items else ()
        found[name] = (getattr(task.connections, name), refs)
    return found


def remaining(task: HookTask, edges: dict[str, Edges], before: Side, after: Any, quantum: int, data_id: Any) -> dict[str, list[int]]:
    """Of each connection that lost datasets, what it keeps; of all connections that read the same dataset type."""
    left: dict[str, list[int]] = {}
    for name, (connection, refs) in after.items():
        if name not in before:
            raise Failed("adjustQuantum", f"it returned a connection {name!r} that it was not given", data_id)
        given = before[name][1]
        kept = {ref.id for ref in refs}
        if not kept <= {ref.id for ref in given}:
            raise Failed("adjustQuantum", f"it returned datasets for {name} that it was not given", data_id)
        if len(kept) == len(given):
            continue
        for other, (twin, _) in before.items():
            if twin.name != connection.name or other not in edges:
                continue
            of = edges[other]
            places = {ref.id: item for item in of.of(quantum) for ref in of.datasets.refs(task.dataset_type(other), [item])}
            left[other] = [item for dataset_id, item in places.items() if dataset_id in kept]
    return left


def reason(none: NoWorkFound) -> tuple[str, str]:
    """What it says, and the connection that has too little where the middleware's own check says so."""
    if len(none.args) == 3:
        return "", str(none.args[1])
    return str(none).strip() or "the task finds no work", ""
