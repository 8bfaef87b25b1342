# SPDX-License-Identifier: BSD-3-Clause
"""Answers requests until there are no more: each is a line of JSON on standard input, each answer a line of JSON on standard output.

An answer is ``{"value": …}``, or ``{"failed": …}`` where code of a user's package raised an exception. Whatever the packages of the user
print goes to standard error, so that it cannot get between the lines of the answers.
"""

import importlib
import os
import sys

from .channel import Channel
from .failed import Failed

PROTOCOL = 2

# Modules by the first word of what is asked; each is imported when it is needed.
ROOMS = {"describe": ".describe", "hooks": ".hooks"}


def main() -> int:
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    channel = Channel(sys.stdin.buffer, answers)
    while (request := channel.request()) is not None:
        if request.get("protocol") != PROTOCOL:
            print(f"protocol {request.get('protocol')} is not known here", file=sys.stderr)
            return 2
        room = importlib.import_module(ROOMS[request["ask"].split(".")[0]], __package__)
        try:
            channel.send({"value": room.answer(request, channel)})
        except Failed as failed:
            channel.send({"failed": failed.plain})
    answers.close()
    return 0


code = main()
sys.stderr.flush()
# Without taking apart what was made for the answers, object by object: that would take longer than some answers.
os._exit(code)
