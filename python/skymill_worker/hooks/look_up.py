# SPDX-License-Identifier: BSD-3-Clause
"""Look-up functions of prerequisites."""

from typing import Any

from ..failed import Failed
from .records import DataIds
from .task import HookTask


def look_up(task: HookTask, connection: str, quanta: dict[str, Any]) -> dict[str, Any]:
    """Datasets that a connection's function finds for each quantum: ids, runs and required values, and how many each quantum has."""
    repository = task.repository
    declared = getattr(task.connections, connection)
    dataset_type = task.dataset_type(connection)
    parent = declared.name.partition(".")[0]
    required = tuple(dataset_type.dimensions.required)
    registry = repository.butler.registry
    data_ids = DataIds(repository.records, task.dimensions, quanta["columns"], quanta["rows"])
    places: dict[Any, int] = {}
    ids: list[str] = []
    runs: list[str] = []
    columns: dict[str, list[Any]] = {name: [] for name in required}
    counts: list[int] = []
    items: list[int] = []
    with registry.caching_context():
        for row in range(len(data_ids)):
            data_id = data_ids[row]
            try:
                found = [ref for ref in declared.lookupFunction(dataset_type, registry, data_id, repository.inputs) if ref is not None]
            except Failed:
                raise
            except Exception as error:
                raise Failed(f"the look-up function of {connection}", error, data_id) from error
            of_quantum: dict[int, None] = {}
            for ref in found:
                if ref.datasetType.nameAndComponent()[0] != parent:
                    problem = f"it returned a dataset of type {ref.datasetType.name}, not {parent}"
                    raise Failed(f"the look-up function of {connection}", problem, data_id)
                place = places.get(ref.id)
                if place is None:
                    place = places[ref.id] = len(ids)
                    ids.append(str(ref.id))
                    runs.append(ref.run)
                    for name in required:
                        columns[name].append(ref.dataId[name])
                of_quantum[place] = None
            counts.append(len(of_quantum))
            items.extend(of_quantum)
    return {"ids": ids, "runs": runs, "columns": columns, "counts": counts, "items": items}
