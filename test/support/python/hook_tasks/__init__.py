# SPDX-License-Identifier: BSD-3-Clause
"""Tasks that have a say when graphs are built, as Gen3 packages define them: one for each way."""

import os
import sys

from lsst.pex.config import Field
from lsst.pipe.base import (
    NoWorkFound,
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    connectionTypes as cT,
)

DETECTOR = ("instrument", "visit", "detector")


def catalogues(datasetType, registry, dataId, collections):
    """Those of this detector and of the next one, whatever the visit."""
    found = []
    for detector in (dataId["detector"], dataId["detector"] + 1):
        found.extend(
            registry.queryDatasets(
                datasetType,
                collections=collections,
                instrument=dataId["instrument"],
                detector=detector,
                findFirst=True,
            )
        )
    return found


class SelectConnections(PipelineTaskConnections, dimensions=DETECTOR):
    """Drops inputs, outputs and quanta, by what data IDs, records and datasets say."""

    calibrated = cT.Input(name="calibrated", storageClass="StructuredDataDict", dimensions=DETECTOR, doc="In.")
    sources = cT.Input(
        name="sources", storageClass="StructuredDataList", dimensions=DETECTOR, minimum=0, multiple=True, doc="In."
    )
    catalogue = cT.PrerequisiteInput(
        name="catalogue_plain",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "detector"),
        multiple=True,
        minimum=0,
        lookupFunction=catalogues,
        doc="Found by a function.",
    )
    selected = cT.Output(name="selected", storageClass="StructuredDataDict", dimensions=DETECTOR, doc="Out.")
    extra = cT.Output(name="selected_extra", storageClass="StructuredDataDict", dimensions=DETECTOR, doc="Out.")

    def adjustQuantum(self, inputs, outputs, label, data_id):
        detector = data_id["detector"]
        if self.config.dieOn == detector:
            print("out of memory, as it were", file=sys.stderr, flush=True)
            os._exit(9)
        if self.config.failOn == detector:
            raise RuntimeError(f"detector {detector} is not to be had")
        assert data_id.records["detector"].id == detector
        assert data_id.region is not None and data_id.region == inputs["calibrated"][1][0].dataId.region
        assert data_id.timespan is not None
        if detector % 7 == 3:
            raise NoWorkFound(f"detector {detector} is dark")
        adjusted_inputs, adjusted_outputs = {}, {}
        connection, refs = inputs["sources"]
        if detector % 2 == 0:
            adjusted_inputs["sources"] = (connection, [])
        connection, refs = inputs["catalogue"]
        if self.config.needsCatalogue and not refs:
            raise FileNotFoundError(f"no catalogue for detector {detector}")
        adjusted_inputs["catalogue"] = (connection, [ref for ref in refs if ref.dataId["detector"] != 2])
        if data_id.records["visit"].id % 2 == 1:
            adjusted_outputs["extra"] = (outputs["extra"][0], ())
        inputs.update(adjusted_inputs)
        super().adjustQuantum(inputs, outputs, label, data_id)
        return adjusted_inputs, adjusted_outputs


class SelectConfig(PipelineTaskConfig, pipelineConnections=SelectConnections):
    needsCatalogue = Field[bool]("Whether a quantum without a catalogue is an error.", default=False)
    dieOn = Field[int]("Detector for which the process ends.", default=-1)
    failOn = Field[int]("Detector for which the hook raises an exception.", default=-1)


class SelectTask(PipelineTask):
    ConfigClass = SelectConfig
    _DefaultName = "select"


class GroupConnections(PipelineTaskConnections, dimensions=DETECTOR):
    """All detectors of a visit go to the quantum of its first one."""

    selected = cT.Input(
        name="selected", storageClass="StructuredDataDict", dimensions=DETECTOR, multiple=True, doc="In."
    )
    catalogue = cT.PrerequisiteInput(
        name="catalogue_plain",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "detector"),
        multiple=True,
        minimum=0,
        doc="Of the detector.",
    )
    grouped = cT.Output(name="grouped", storageClass="StructuredDataDict", dimensions=DETECTOR, multiple=True, doc="Out.")

    def adjust_all_quanta(self, adjuster):
        first = {}
        for data_id in sorted(adjuster.iter_data_ids()):
            expanded = adjuster.expand_quantum_data_id(data_id)
            visit = expanded.records["visit"].id
            to = first.setdefault(visit, data_id)
            if to is data_id:
                continue
            for selected in adjuster.get_inputs(data_id)["selected"]:  # none where the detector is dark
                adjuster.add_input(to, "selected", selected)
            for dataset_id in adjuster.get_prerequisite_inputs(data_id)["catalogue"]:
                adjuster.add_prerequisite_input(to, "catalogue", dataset_id)
            if data_id["detector"] % 2 == 0:
                for grouped in adjuster.get_outputs(data_id)["grouped"]:
                    adjuster.move_output(to, "grouped", grouped)
            adjuster.remove_quantum(data_id)
        assert adjuster.task_label == "group" and adjuster.n_removed > 0
        assert list(adjuster.task_node.inputs) == ["selected"]
        assert adjuster.butler.registry.queryDatasets("catalogue_plain").any()


class GroupConfig(PipelineTaskConfig, pipelineConnections=GroupConnections):
    pass


class GroupTask(PipelineTask):
    ConfigClass = GroupConfig
    _DefaultName = "group"


class WarpConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "skymap", "tract", "patch")):
    """Reads a component-free dataset type that tasks before have thinned out; keeps the first of them."""

    grouped = cT.Input(
        name="grouped", storageClass="StructuredDataDict", dimensions=DETECTOR, multiple=True, minimum=1, doc="In."
    )
    again = cT.Input(
        name="grouped", storageClass="StructuredDataDict", dimensions=DETECTOR, multiple=True, minimum=1, doc="In."
    )
    warp = cT.Output(
        name="warp",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "skymap", "tract", "patch"),
        doc="Out.",
    )

    def adjustQuantum(self, inputs, outputs, label, data_id):
        connection, refs = inputs["grouped"]
        adjusted = {"grouped": (connection, refs[:1])}
        inputs.update(adjusted)
        super().adjustQuantum(inputs, outputs, label, data_id)
        return adjusted, {}


class WarpConfig(PipelineTaskConfig, pipelineConnections=WarpConnections):
    pass


class WarpTask(PipelineTask):
    ConfigClass = WarpConfig
    _DefaultName = "warp"
