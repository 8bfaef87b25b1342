# SPDX-License-Identifier: BSD-3-Clause
"""The repository for which a graph is built, as Python sees it."""

from functools import cached_property
from typing import Any

from lsst.daf.butler import Butler, DimensionConfig, DimensionUniverse

from ..channel import Channel
from ..failed import Failed
from .records import Records


class Repository:
    """Dimensions and records come from the process that builds the graph; the repository is opened only for hooks that ask it themselves."""

    def __init__(self, request: dict[str, Any], channel: Channel):
        self.universe = DimensionUniverse(DimensionConfig(request["universe"]))
        self.inputs: list[str] = request["inputs"]
        self.output_run: str = request["outputRun"]
        self.records = Records(self.universe, channel)
        self._address: str = request["repository"]

    @cached_property
    def butler(self) -> Any:
        """Read-only, with the input collections as those that are searched."""
        try:
            return Butler.from_config(self._address, writeable=False, collections=self.inputs)
        except Exception as error:
            raise Failed(f"opening the repository {self._address} in Python", error) from error
