# SPDX-License-Identifier: BSD-3-Clause
"""What tasks have to say while a graph is built: methods of their connections are called with objects as Gen3 middleware gives them."""

from typing import Any

from ..channel import Channel
from .repository import Repository
from .task import HookTask

_repository: Repository | None = None
_tasks: dict[str, HookTask] = {}


def answer(request: dict[str, Any], channel: Channel) -> Any:
    global _repository
    ask = request["ask"]
    if ask == "hooks.open":
        _repository = Repository(request, channel)
        _tasks.clear()
        return None
    assert _repository is not None, "a repository comes first"
    label = request["label"]
    if ask == "hooks.task":
        _repository.records.forget()
        _tasks[label] = HookTask(_repository, request)
        return None
    task = _tasks[label]
    if ask == "hooks.adjust":
        from .adjust_quantum import adjust_quanta

        return adjust_quanta(task, request["batch"])
    if ask == "hooks.collect":
        task.collected.append(request["batch"])
        return None
    if ask == "hooks.regroup":
        from .adjust_all import adjust_all

        return adjust_all(task)
    if ask == "hooks.lookUp":
        from .look_up import look_up

        return look_up(task, request["connection"], request["quanta"])
    raise ValueError(f"{ask} is not known here")
