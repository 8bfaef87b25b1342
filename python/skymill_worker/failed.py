# SPDX-License-Identifier: BSD-3-Clause
"""What is told when code of a user's package raises an exception."""

import os
import traceback
from typing import Any


class Failed(Exception):
    """A request that ended with an exception: what was called, for which data ID, and where it happened."""

    def __init__(self, what: str, error: BaseException | str, data_id: Any = None):
        super().__init__(what)
        self.plain = {
            "what": what,
            "dataId": "" if data_id is None else data_id_text(data_id),
            "problem": message(error) if isinstance(error, BaseException) else error,
            "traceback": place(error) if isinstance(error, BaseException) else "",
        }


def data_id_text(data_id: Any) -> str:
    """As messages here name data IDs: required dimensions only."""
    return ", ".join(f"{name}: {value!r}" for name, value in data_id.required.items())


def message(error: BaseException) -> str:
    text = str(error).strip() or type(error).__name__
    return f"{type(error).__name__}: {text}"


def place(error: BaseException) -> str:
    """The traceback from where the user's code begins."""
    here = os.path.dirname(__file__)
    frames = traceback.extract_tb(error.__traceback__)
    while frames and frames[0].filename.startswith(here):
        del frames[0]
    return "".join(traceback.format_list(frames)).rstrip()
