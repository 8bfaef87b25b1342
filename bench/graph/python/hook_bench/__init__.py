# SPDX-License-Identifier: BSD-3-Clause
"""A chain of tasks on {exposure, detector} with a say in graph building: one looks at data IDs, one at dimension records, one at all quanta."""

from lsst.pipe.base import PipelineTask, PipelineTaskConfig, PipelineTaskConnections, connectionTypes as cT

DIMENSIONS = ("instrument", "exposure", "detector")


class Base(PipelineTaskConnections, dimensions=DIMENSIONS, defaultTemplates={"source": "raw", "result": "out"}):
    before = cT.Input(
        doc="In.", name="{source}", storageClass="StructuredDataDict", dimensions=DIMENSIONS, multiple=True
    )
    after = cT.Output(doc="Out.", name="{result}", storageClass="StructuredDataDict", dimensions=DIMENSIONS)


class SelectConnections(Base, dimensions=DIMENSIONS, defaultTemplates={"source": "raw", "result": "selected"}):
    def adjustQuantum(self, inputs, outputs, label, data_id):
        connection, refs = inputs["before"]
        kept = [ref for ref in refs if ref.dataId["detector"] != 13]
        adjusted = {} if len(kept) == len(refs) else {"before": (connection, kept)}
        inputs.update(adjusted)
        super().adjustQuantum(inputs, outputs, label, data_id)
        return adjusted, {}


class SelectConfig(PipelineTaskConfig, pipelineConnections=SelectConnections):
    pass


class SelectTask(PipelineTask):
    ConfigClass = SelectConfig
    _DefaultName = "select"


class LongConnections(Base, dimensions=DIMENSIONS, defaultTemplates={"source": "selected", "result": "long"}):
    def adjustQuantum(self, inputs, outputs, label, data_id):
        if data_id.timespan.nsec[1] < data_id.timespan.nsec[0]:
            raise RuntimeError("an exposure that ends before it begins")
        return super().adjustQuantum(inputs, outputs, label, data_id)


class LongConfig(PipelineTaskConfig, pipelineConnections=LongConnections):
    pass


class LongTask(PipelineTask):
    ConfigClass = LongConfig
    _DefaultName = "long"


class LookConnections(Base, dimensions=DIMENSIONS, defaultTemplates={"source": "long", "result": "looked"}):
    def adjust_all_quanta(self, adjuster):
        for data_id in adjuster.iter_data_ids():
            if not adjuster.get_inputs(data_id)["before"]:
                adjuster.remove_quantum(data_id)


class LookConfig(PipelineTaskConfig, pipelineConnections=LookConnections):
    pass


class LookTask(PipelineTask):
    ConfigClass = LookConfig
    _DefaultName = "look"
