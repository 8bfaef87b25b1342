# SPDX-License-Identifier: BSD-3-Clause
"""Tasks of a small survey as a Gen3 package would define them, for tests of descriptions and of graphs built from them."""

from lsst.pex.config import ConfigField, Config, Field, ListField
from lsst.pipe.base import (
    PipelineTask,
    PipelineTaskConfig,
    PipelineTaskConnections,
    Struct,
    connectionTypes as cT,
)


class CalibrateConnections(
    PipelineTaskConnections, dimensions=("instrument", "visit", "detector"), defaultTemplates={"prefix": ""}
):
    raw = cT.Input(
        doc="What the camera gave.",
        name="raw_plain",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "detector"),
        deferLoad=True,
    )
    defects = cT.PrerequisiteInput(
        doc="Bad pixels.",
        name="defects_plain",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "detector"),
        isCalibration=True,
        minimum=0,
    )
    calibrated = cT.Output(
        doc="What is left when the camera is taken out.",
        name="{prefix}calibrated",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "detector"),
    )
    sources = cT.Output(
        doc="What is seen.",
        name="{prefix}sources",
        storageClass="StructuredDataList",
        dimensions=("instrument", "visit", "detector"),
    )
    schema = cT.InitOutput(doc="Columns of the sources.", name="{prefix}sources_schema", storageClass="StructuredDataDict")

    def __init__(self, *, config=None):
        super().__init__(config=config)
        if not config.doMeasure:
            del self.sources
            del self.schema


class MeasureConfig(Config):
    radius = Field[float]("Radius of the aperture, in pixels.", default=3.0)


class CalibrateConfig(PipelineTaskConfig, pipelineConnections=CalibrateConnections):
    doMeasure = Field[bool]("Whether sources are measured.", default=True)
    threshold = Field[float]("Threshold of detection, in sigma.", default=5.0)
    flags = ListField[str]("Planes to leave out.", default=["BAD", "SAT"])
    measure = ConfigField[MeasureConfig]("Of the measurement.")


class CalibrateTask(PipelineTask):
    """Takes the camera out of an image.

    Here it hands on what it gets.
    """

    ConfigClass = CalibrateConfig
    _DefaultName = "calibrate"

    def run(self, raw, defects=None):
        return Struct(calibrated=raw.get(), sources=[])


class WarpConnections(PipelineTaskConnections, dimensions=("instrument", "visit", "skymap", "tract", "patch")):
    calibrated = cT.Input(
        doc="Images that overlap the patch.",
        name="calibrated",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "detector"),
        multiple=True,
        minimum=1,
    )
    warp = cT.Output(
        doc="The visit on the grid of the patch.",
        name="warp",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "skymap", "tract", "patch"),
    )


class WarpConfig(PipelineTaskConfig, pipelineConnections=WarpConnections):
    kernel = Field[str]("Interpolation.", default="lanczos3")


class WarpTask(PipelineTask):
    ConfigClass = WarpConfig
    _DefaultName = "warp"


class CoaddConnections(PipelineTaskConnections, dimensions=("skymap", "tract", "patch", "band")):
    warps = cT.Input(
        doc="The visits on the grid of the patch.",
        name="warp",
        storageClass="StructuredDataDict",
        dimensions=("instrument", "visit", "skymap", "tract", "patch"),
        multiple=True,
    )
    coadd = cT.Output(
        doc="Their mean.",
        name="coadd",
        storageClass="StructuredDataDict",
        dimensions=("skymap", "tract", "patch", "band"),
    )


class CoaddConfig(PipelineTaskConfig, pipelineConnections=CoaddConnections):
    kernel = Field[str]("Interpolation of the warps.", default="lanczos3")


class CoaddTask(PipelineTask):
    ConfigClass = CoaddConfig
    _DefaultName = "coadd"
