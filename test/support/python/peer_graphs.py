# SPDX-License-Identifier: BSD-3-Clause
"""Builds and reads quantum graphs with Gen3 middleware itself, for comparison."""

import json
import os
import sys

sys.path.insert(0, os.path.dirname(__file__))

from lsst.daf.butler import Butler, DatasetType  # noqa: E402
from lsst.pipe.base import Pipeline  # noqa: E402
from lsst.pipe.base.all_dimensions_quantum_graph_builder import AllDimensionsQuantumGraphBuilder  # noqa: E402
from lsst.pipe.base.pipeline_graph import TaskImportMode  # noqa: E402
from lsst.pipe.base.quantum_graph import PredictedQuantumGraph  # noqa: E402


def add_raws(repo, run):
    """A dataset for every detector of every visit that has a region."""
    butler = Butler.from_config(repo, writeable=True, run=run)
    raw = DatasetType("raw_plain", ("instrument", "visit", "detector"), "StructuredDataDict", universe=butler.dimensions)
    butler.registry.registerDatasetType(raw)
    with butler.query() as query:
        records = list(query.dimension_records("visit_detector_region"))
    for number, record in enumerate(records):
        butler.put({"number": number}, raw, record.dataId)
    print(len(records))


def add_catalogues(repo, run):
    """One for every detector but the last."""
    butler = Butler.from_config(repo, writeable=True, run=run)
    catalogue = DatasetType("catalogue_plain", ("instrument", "detector"), "StructuredDataDict", universe=butler.dimensions)
    butler.registry.registerDatasetType(catalogue)
    with butler.query() as query:
        records = list(query.dimension_records("detector"))
    for record in sorted(records, key=lambda one: one.dataId.required_values)[:-1]:
        butler.put({"detector": record.id}, catalogue, record.dataId)


def build(repo, pipeline, inputs, run, file):
    os.chdir(os.path.dirname(__file__))
    butler = Butler.from_config(repo)
    pipeline_graph = Pipeline.from_uri(pipeline).to_graph()
    builder = AllDimensionsQuantumGraphBuilder(pipeline_graph, butler, input_collections=[inputs], output_run=run)
    builder.finish(output="u/both", metadata={"made": "here"}).write(file)


def read(file):
    with PredictedQuantumGraph.open(file, import_mode=TaskImportMode.REQUIRE_CONSISTENT_EDGES) as reader:
        reader.read_all()
        return reader.finish()


def facts(file, with_ids):
    """Everything that an executor would be given, as sorted lines; with or without the ids."""
    graph = read(file)
    lines = []
    for quantum_id, quantum in graph.build_execution_quanta().items():
        label = graph.quantum_only_xgraph.nodes[quantum_id]["task_label"]
        key = [label, str(quantum.dataId)]
        if with_ids:
            key.append(str(quantum_id))
            lines += [[*key, "after", str(other)] for other in graph.quantum_only_xgraph.predecessors(quantum_id)]
        else:
            nodes = graph.quantum_only_xgraph.nodes
            for other in graph.quantum_only_xgraph.predecessors(quantum_id):
                lines.append([*key, "after", nodes[other]["task_label"], str(nodes[other]["data_id"])])
        for side in ("initInputs", "inputs", "outputs"):
            for dataset_type, refs in getattr(quantum, side).items():
                for ref in refs if isinstance(refs, (list, tuple)) else [refs]:
                    name = [dataset_type.name, dataset_type.storageClass_name, str(ref.dataId), ref.run]
                    lines.append([*key, side, *name, *([str(ref.id)] if with_ids else [])])
        for records in quantum.datastore_records.values():
            for tables in records.to_simple().model_dump()["records"].values():
                for dataset_id, by_table in tables.items():
                    lines.append([*key, "files", json.dumps([by_table, str(dataset_id)], sort_keys=True, default=str)])
        for element in quantum.dataId.dimensions.elements:
            lines.append([*key, element, str(quantum.dataId.records[element])])
    for label in graph.pipeline_graph.tasks:
        for name, ref in graph.get_init_outputs(label).items():
            lines.append([label, "init", name, ref.datasetType.name, ref.run, *([str(ref.id)] if with_ids else [])])
    print(json.dumps(sorted(json.dumps(line) for line in lines)))
