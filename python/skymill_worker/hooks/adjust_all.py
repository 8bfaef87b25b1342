# SPDX-License-Identifier: BSD-3-Clause
"""``adjust_all_quanta`` of a task."""

import uuid
from collections.abc import Iterator
from typing import Any

from lsst.daf.butler import DataCoordinate

from ..failed import Failed
from .task import Batch, HookTask

Key = tuple[Any, ...]


def adjust_all(task: HookTask) -> dict[str, Any]:
    """Calls the hook with all quanta that were collected: which of them go, and the lists of datasets that changed."""
    adjuster = Adjuster(task, [Batch(task, plain) for plain in task.collected])
    task.collected.clear()
    try:
        task.connections.adjust_all_quanta(adjuster)
    except Failed:
        raise
    except Exception as error:
        raise Failed("adjust_all_quanta", error) from error
    return adjuster.changes()


class Kind:
    """Connections of one kind: for each dataset type which datasets each quantum has. Connections of one type have the same ones."""

    def __init__(self, types: dict[str, str]):
        # Dataset type by connection.
        self.types = types
        # By dataset type, then by quantum: rows of datasets in order.
        self.lists: dict[str, dict[int, dict[int, None]]] = {name: {} for name in types.values()}
        self.touched: dict[str, set[int]] = {name: set() for name in types.values()}

    def of(self, connection: str, quantum: int) -> dict[int, None]:
        return self.lists[self.types[connection]].setdefault(quantum, {})

    def changes(self) -> dict[str, list[list[Any]]]:
        """By connection: quanta with their datasets."""
        return {
            connection: [[quantum, list(self.lists[name][quantum])] for quantum in sorted(self.touched[name])]
            for connection, name in self.types.items()
            if self.touched[name]
        }


class Adjuster:
    """All quanta of one task, for a task that regroups them. Methods are those of the adjuster of Gen3 middleware."""

    def __init__(self, task: HookTask, batches: list[Batch]):
        self._task = task
        self._quanta: dict[Key, tuple[int, Batch, int]] = {}
        # By dataset type: values of required dimensions and ids, by row and back.
        self._values: dict[str, dict[int, Key]] = {}
        self._rows: dict[str, dict[Key, int]] = {}
        self._ids: dict[str, dict[int, uuid.UUID]] = {}
        self._by_id: dict[str, dict[uuid.UUID, int]] = {}
        # Which quantum writes an output, by dataset type and row.
        self._writers: dict[tuple[str, int], int] = {}
        connections = task.connections

        def kind(names: Any) -> Kind:
            return Kind({name: getattr(connections, name).name.partition(".")[0] for name in sorted(names)})

        self._inputs = kind(connections.inputs)
        self._prerequisites = kind(connections.prerequisiteInputs)
        self._outputs = kind(connections.outputs)
        self._removed: set[int] = set()
        self._gone: set[tuple[str, int]] = set()
        for batch in batches:
            self._add(batch)

    def _add(self, batch: Batch) -> None:
        for name, datasets in batch.datasets.items():
            values = self._values.setdefault(name, {})
            ids = self._ids.setdefault(name, {})
            for place, row in enumerate(datasets.rows):
                values[row] = datasets.data_ids.minimal(place).required_values
                if datasets.ids[place]:
                    ids[row] = uuid.UUID(datasets.ids[place])
            self._rows.setdefault(name, {}).update((values[row], row) for row in datasets.rows)
            self._by_id.setdefault(name, {}).update((ids[row], row) for row in datasets.rows if row in ids)
        for place, row in enumerate(batch.rows):
            self._quanta[batch.quanta.minimal(place).required_values] = (row, batch, place)
            for kind, edges in (
                (self._inputs, batch.inputs),
                (self._prerequisites, batch.inputs),
                (self._outputs, batch.outputs),
            ):
                for connection in kind.types:
                    if connection in edges:
                        of = edges[connection]
                        items = dict.fromkeys(of.datasets.rows[item] for item in of.of(place))
                        kind.of(connection, row).update(items)
                        if kind is self._outputs:
                            self._writers.update(((kind.types[connection], item), row) for item in items)

    @property
    def task_label(self) -> str:
        return self._task.label

    @property
    def task_node(self) -> Any:
        return self._task.node

    @property
    def butler(self) -> Any:
        return self._task.repository.butler

    @property
    def n_removed(self) -> int:
        return len(self._removed)

    def iter_data_ids(self) -> Iterator[DataCoordinate]:
        """Required values only; see ``expand_quantum_data_id``."""
        for key, (row, _, _) in list(self._quanta.items()):
            if row not in self._removed:
                yield DataCoordinate.from_required_values(self._task.dimensions, key)

    def expand_quantum_data_id(self, data_id: DataCoordinate) -> DataCoordinate:
        """With implied values and dimension records."""
        _, batch, place = self._quanta[data_id.required_values]
        return batch.quanta[place]

    def get_inputs(self, quantum_data_id: DataCoordinate) -> dict[str, list[DataCoordinate]]:
        return self._data_ids(self._inputs, quantum_data_id)

    def get_outputs(self, quantum_data_id: DataCoordinate) -> dict[str, list[DataCoordinate]]:
        return self._data_ids(self._outputs, quantum_data_id)

    def get_prerequisite_inputs(self, quantum_data_id: DataCoordinate) -> dict[str, dict[uuid.UUID, DataCoordinate]]:
        row = self._row(quantum_data_id)
        return {
            connection: {self._ids[name][one]: self._data_id(name, one) for one in self._prerequisites.of(connection, row)}
            for connection, name in self._prerequisites.types.items()
        }

    def remove_quantum(self, data_id: DataCoordinate) -> None:
        """With those of its outputs that were not moved."""
        row = self._row(data_id)
        self._removed.add(row)
        for connection, name in self._outputs.types.items():
            self._gone.update((name, one) for one in self._outputs.of(connection, row))

    def add_input(self, quantum_data_id: DataCoordinate, connection_name: str, dataset_data_id: DataCoordinate) -> None:
        """Of a dataset that is in the graph already."""
        name = self._inputs.types[connection_name]
        row = self._row(quantum_data_id)
        self._inputs.of(connection_name, row)[self._dataset(name, dataset_data_id)] = None
        self._inputs.touched[name].add(row)

    def add_prerequisite_input(self, quantum_data_id: DataCoordinate, connection_name: str, dataset_uuid: uuid.UUID) -> None:
        """Of a prerequisite that another quantum has."""
        name = self._prerequisites.types[connection_name]
        one = self._by_id.get(name, {}).get(dataset_uuid)
        if one is None:
            raise LookupError(f"The prerequisite {name} {dataset_uuid} is none of the task's quanta.")
        row = self._row(quantum_data_id)
        self._prerequisites.of(connection_name, row)[one] = None
        self._prerequisites.touched[name].add(row)

    def move_output(self, quantum_data_id: DataCoordinate, connection_name: str, dataset_data_id: DataCoordinate) -> None:
        """Makes the quantum the one that writes an output of another."""
        name = self._outputs.types[connection_name]
        to = self._row(quantum_data_id)
        moved = self._dataset(name, dataset_data_id)
        writer = self._writers.get((name, moved))
        if writer is not None:
            self._outputs.of(connection_name, writer).pop(moved, None)
            self._outputs.touched[name].add(writer)
        self._writers[name, moved] = to
        self._outputs.of(connection_name, to)[moved] = None
        self._outputs.touched[name].add(to)

    def changes(self) -> dict[str, Any]:
        """In rows of the other side."""
        return {
            "removed": sorted(self._removed),
            "inputs": {**self._inputs.changes(), **self._prerequisites.changes()},
            "outputs": self._outputs.changes(),
        }

    def _data_ids(self, kind: Kind, quantum: DataCoordinate) -> dict[str, list[DataCoordinate]]:
        row = self._row(quantum)
        return {
            connection: [self._data_id(name, one) for one in kind.of(connection, row)]
            for connection, name in kind.types.items()
        }

    def _data_id(self, name: str, row: int) -> DataCoordinate:
        return DataCoordinate.from_required_values(self._task.dimensions_of(name), self._values[name][row])

    def _row(self, quantum: DataCoordinate) -> int:
        found = self._quanta.get(quantum.required_values)
        if found is None or found[0] in self._removed:
            raise LookupError(f"There is no quantum {quantum}.")
        return found[0]

    def _dataset(self, name: str, data_id: DataCoordinate) -> int:
        row = self._rows.get(name, {}).get(data_id.required_values)
        if row is None or (name, row) in self._gone:
            raise LookupError(f"The dataset {name} {data_id} is not in the graph.")
        return row
