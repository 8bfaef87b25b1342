# SPDX-License-Identifier: BSD-3-Clause
"""A task whose hooks are called, and its quanta as objects."""

import uuid
from functools import cached_property
from typing import Any

from lsst.daf.butler import DatasetRef, DatasetType
from lsst.pipe.base.pipeline_graph import PipelineGraph

from ..describe import Refused, imported
from ..failed import Failed
from .records import DataIds
from .repository import Repository


class HookTask:
    """The connections of a task with its configuration, and the dataset types of the pipeline that they name."""

    def __init__(self, repository: Repository, request: dict[str, Any]):
        self.repository = repository
        self.label: str = request["label"]
        self.types: dict[str, dict[str, Any]] = request["types"]
        # Batches of the quanta that are to be regrouped.
        self.collected: list[dict[str, Any]] = []
        try:
            self.task_class = imported(request["class"])
            self.config = self.task_class.ConfigClass()
            self.config.loadFromString(request["config"])
            self.config.freeze()
            self.connections = self.config.ConnectionsClass(config=self.config)
        except Refused as refused:
            raise Failed(f"importing {request['class']}", str(refused)) from refused
        except Exception as error:
            raise Failed(f"configuring {request['class']}", error) from error
        universe = repository.universe
        self.dimensions = universe.conform(self.connections.dimensions)
        self._adapted: dict[str, DatasetType] = {}

    @property
    def input_names(self) -> list[str]:
        return sorted({*self.connections.inputs, *self.connections.prerequisiteInputs})

    def dimensions_of(self, parent: str) -> Any:
        return self.repository.universe.conform(self.types[parent]["dimensions"])

    def dataset_type(self, connection: str) -> DatasetType:
        """As the connection wants it: a component of a dataset type, or another storage class."""
        found = self._adapted.get(connection)
        if found is None:
            try:
                found = self._adapt(connection)
            except KeyError:
                # A storage class that only the repository defines: opening it makes it known.
                self.repository.butler  # noqa: B018
                found = self._adapt(connection)
            self._adapted[connection] = found
        return found

    def _adapt(self, connection: str) -> DatasetType:
        declared = getattr(self.connections, connection)
        parent, _, component = declared.name.partition(".")
        known = self.types[parent]
        found = DatasetType(
            parent,
            self.dimensions_of(parent),
            known["storageClass"],
            isCalibration=known["isCalibration"],
        )
        if component:
            found = found.makeComponentDatasetType(component)
        if found.storageClass_name != declared.storageClass:
            found = found.overrideStorageClass(declared.storageClass)
        return found

    @cached_property
    def node(self) -> Any:
        """The task as a node of a pipeline graph."""
        graph = PipelineGraph()
        graph.add_task(self.label, self.task_class, self.config)
        graph.resolve(self.repository.butler.registry)
        return graph.tasks[self.label]


class Batch:
    """Quanta with their datasets, as objects once they are looked at."""

    def __init__(self, task: HookTask, plain: dict[str, Any]):
        records = task.repository.records
        quanta = plain["quanta"]
        # As the other side numbers them.
        self.rows: list[int] = quanta["rows"]
        self.quanta = DataIds(records, task.dimensions, quanta["columns"], len(self.rows))
        self.datasets = {
            name: Datasets(task, name, number, table) for number, (name, table) in enumerate(plain["types"].items())
        }
        self.inputs = {name: Edges(self.datasets, one) for name, one in plain["inputs"].items()}
        self.outputs = {name: Edges(self.datasets, one) for name, one in plain["outputs"].items()}


class Datasets:
    """Datasets of one type. Those that do not exist yet have ids that nobody else will see."""

    def __init__(self, task: HookTask, name: str, number: int, plain: dict[str, Any]):
        self.name = name
        self.rows: list[int] = plain["rows"]
        self.ids: list[str] = plain["ids"]
        self._runs: list[str] = plain["runs"]
        self._run_of: list[int] = plain["runOf"]
        self._number = number
        self._output_run = task.repository.output_run
        self.data_ids = DataIds(
            task.repository.records, task.dimensions_of(name), plain["columns"], len(self.rows)
        )
        self._refs: dict[DatasetType, dict[int, DatasetRef]] = {}

    def refs(self, dataset_type: DatasetType, items: list[int]) -> tuple[DatasetRef, ...]:
        """In the order in which middleware has them: by run, then by data ID."""
        made = self._refs.get(dataset_type)
        if made is None:
            made = self._refs[dataset_type] = {}
        found = [made.get(item) or made.setdefault(item, self._ref(dataset_type, item)) for item in items]
        if len(found) > 1:
            found.sort(key=lambda ref: (ref.run, ref.dataId.required_values))
        return tuple(found)

    def _ref(self, dataset_type: DatasetType, item: int) -> DatasetRef:
        text = self.ids[item]
        if text == "":
            dataset_id = uuid.UUID(int=((self._number + 1) << 96) | self.rows[item])
            run = self._output_run
        else:
            dataset_id = uuid.UUID(text)
            run = self._runs[self._run_of[item]]
        return DatasetRef(dataset_type, self.data_ids[item], run, id=dataset_id, conform=False)


class Edges:
    """Of one connection the datasets of each quantum, as places in the table of their type."""

    def __init__(self, datasets: dict[str, Datasets], plain: dict[str, Any]):
        self.datasets = datasets[plain["type"]]
        self._items: list[int] = plain["items"]
        self._begin = [0]
        for count in plain["counts"]:
            self._begin.append(self._begin[-1] + count)

    def of(self, quantum: int) -> list[int]:
        return self._items[self._begin[quantum] : self._begin[quantum + 1]]
