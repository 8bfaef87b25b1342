# SPDX-License-Identifier: BSD-3-Clause
"""Lines of JSON both ways, with questions of this side in the middle of an answer."""

import json
from collections import deque
from typing import Any, BinaryIO


class Channel:
    """Requests come in order and may be sent ahead: those that arrive while this side waits for an answer of its own are kept."""

    def __init__(self, lines: BinaryIO, answers: BinaryIO):
        self._lines = lines
        self._answers = answers
        self._kept: deque[dict[str, Any]] = deque()

    def request(self) -> dict[str, Any] | None:
        """The next request, or None when there are no more."""
        return self._kept.popleft() if self._kept else self._read()

    def send(self, message: dict[str, Any]) -> None:
        self._answers.write(json.dumps(message, allow_nan=False, separators=(",", ":")).encode())
        self._answers.write(b"\n")
        self._answers.flush()

    def want(self, question: dict[str, Any]) -> Any:
        """Asks the other side for what is needed to answer."""
        self.send({"want": question})
        while True:
            message = self._read()
            if message is None:
                raise EOFError("the answer to a question did not come")
            if "given" in message:
                return message["given"]
            self._kept.append(message)

    def _read(self) -> dict[str, Any] | None:
        line = self._lines.readline()
        return json.loads(line) if line else None
