# SPDX-License-Identifier: BSD-3-Clause
"""Describes tasks that are subclasses of ``lsst.pipe.base.PipelineTask``, with their configuration applied, as plain data.

A description holds all that the building of graphs needs: dimensions, connections with their names filled in, configuration. It also
names the files it depends on, so that whoever keeps it can tell when it is out of date without starting Python.
"""

import importlib
import importlib.metadata
import inspect
import math
import os
import sys
import traceback
from types import SimpleNamespace
from typing import Any

from .channel import Channel
from .failed import message


class Refused(Exception):
    """A task that cannot be described: what went wrong, where, and with which of its overrides."""

    def __init__(self, kind: str, message: str, override: int | None = None):
        super().__init__(message)
        self.plain = {"kind": kind, "message": message, "override": override}


def answer(request: dict[str, Any], _channel: Channel) -> dict[str, Any]:
    """Descriptions of all tasks, the name of the instrument, whether the contracts hold."""
    found: dict[str, Any] = {"instrument": None, "tasks": [], "contracts": []}
    instrument = None
    if request.get("instrument"):
        try:
            instrument = imported(request["instrument"])
            found["instrument"] = {"name": instrument.getName(), **sources([instrument])}
        except Refused as refused:
            found["instrument"] = {"error": refused.plain}
    configs: dict[str, Any] = {}
    for task in request["tasks"]:
        try:
            configs[task["label"]], description = described(task, instrument, request.get("parameters", {}))
            found["tasks"].append(description)
        except Refused as refused:
            found["tasks"].append({"label": task["label"], "error": refused.plain})
    for contract in request.get("contracts", []):
        found["contracts"].append(checked(contract, configs))
    return found


def imported(path: str) -> Any:
    """The object of a dotted path: the longest part of it that is a module, then attributes."""
    parts = path.split(".")
    module = None
    for count in range(len(parts), 0, -1):
        name = ".".join(parts[:count])
        try:
            module = importlib.import_module(name)
            break
        except ModuleNotFoundError as error:
            # Only the absence of this very module (or of a package above it) means that the name is shorter.
            if error.name is None or not (name == error.name or name.startswith(error.name + ".")):
                raise Refused("import", last_lines(error)) from error
        except Exception as error:
            raise Refused("import", last_lines(error)) from error
    if module is None:
        raise Refused("class", f"there is no module {parts[0]}")
    found = module
    for part in parts[count:]:
        if not hasattr(found, part):
            where = getattr(found, "__name__", str(found))
            raise Refused("class", f"{where} has no {part}")
        found = getattr(found, part)
    return found


def described(task: dict[str, Any], instrument: Any, parameters: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    cls = imported(task["class"])
    if not (inspect.isclass(cls) and hasattr(cls, "ConfigClass") and hasattr(cls.ConfigClass, "ConnectionsClass")):
        raise Refused("class", f"{task['class']} is not a PipelineTask")
    config = configured(cls, task["overrides"], instrument, parameters)
    try:
        config.validate()
        config.freeze()
    except Exception as error:
        raise Refused("validate", message(error)) from error
    try:
        connections = config.ConnectionsClass(config=config)
    except Exception as error:
        raise Refused("connections", message(error)) from error
    bases = [cls, type(config), type(connections)]
    description = {
        "label": task["label"],
        "taskClass": task["class"],
        "doc": (inspect.getdoc(cls) or "").split("\n\n")[0],
        "dimensions": sorted(connections.dimensions),
        "connections": connections_of(connections),
        "config": plain(config.toDict()),
        "pythonConfig": config_text(config),
        "log": bool(getattr(config, "saveLogOutput", True)),
        "spatialBounds": sorted(connections.getSpatialBoundsConnections()),
        "temporalBounds": sorted(connections.getTemporalBoundsConnections()),
        "hooks": hooks(connections),
        **sources([*bases, *nested(config)]),
    }
    return config, description


def configured(cls: Any, overrides: list[dict[str, Any]], instrument: Any, parameters: dict[str, Any]) -> Any:
    """The configuration after all overrides. If one fails, the shortest list of them that fails says which."""
    try:
        return overridden(cls, overrides, instrument, parameters)
    except Refused:
        raise
    except Exception as whole:
        for count in range(len(overrides) + 1):
            try:
                overridden(cls, overrides[:count], instrument, parameters)
            except Exception as error:
                at = count - 1 if count > 0 else None
                kind = "field" if isinstance(error, AttributeError) else "config"
                raise Refused(kind, message(error), at) from error
        raise Refused("config", message(whole)) from whole


def overridden(cls: Any, overrides: list[dict[str, Any]], instrument: Any, parameters: dict[str, Any]) -> Any:
    rules = importlib.import_module("lsst.pipe.base.configOverrides").ConfigOverrides()
    rules.addParameters(SimpleNamespace(mapping=parameters))
    if instrument is not None:
        rules.addInstrumentOverride(instrument(), getattr(cls, "_DefaultName", ""))
    for override in overrides:
        if override["kind"] == "file":
            rules.addFileOverride(override["path"])
        elif override["kind"] == "python":
            rules.addPythonOverride(override["source"])
        else:
            rules.addValueOverride(override["key"], override["value"])
    config = cls.ConfigClass()
    rules.applyTo(config)
    return config


KINDS = {
    "inputs": "input",
    "prerequisiteInputs": "prerequisite",
    "outputs": "output",
    "initInputs": "initInput",
    "initOutputs": "initOutput",
}


def connections_of(connections: Any) -> dict[str, Any]:
    found = {}
    for group, kind in KINDS.items():
        for name in sorted(getattr(connections, group)):
            connection = getattr(connections, name)
            one: dict[str, Any] = {
                "kind": kind,
                "datasetType": connection.name,
                "storage": connection.storageClass,
                "multiple": bool(connection.multiple),
                "doc": connection.doc,
            }
            if hasattr(connection, "dimensions"):
                one["dimensions"] = sorted(connection.dimensions)
                one["isCalibration"] = bool(connection.isCalibration)
            if hasattr(connection, "minimum"):
                one["minimum"] = int(connection.minimum)
                one["deferred"] = bool(connection.deferLoad)
            if getattr(connection, "deferGraphConstraint", False):
                one["deferGraphConstraint"] = True
            if getattr(connection, "deferBinding", False):
                one["deferBinding"] = True
            if getattr(connection, "lookupFunction", None) is not None:
                one["lookupFunction"] = True
            found[name] = one
    return found


def hooks(connections: Any) -> list[str]:
    """Methods by which the task takes part in the building of graphs."""
    base = importlib.import_module("lsst.pipe.base").PipelineTaskConnections
    found = []
    for name in ("adjustQuantum", "adjust_all_quanta"):
        if getattr(type(connections), name, None) is not getattr(base, name, None):
            found.append(name)
    return found


def config_text(config: Any) -> str:
    import io

    stream = io.StringIO()
    config.saveToStream(stream)
    return stream.getvalue()


def nested(config: Any) -> list[Any]:
    """Classes of the configurations inside."""
    found: list[Any] = []
    todo = [config]
    while todo:
        one = todo.pop()
        found.append(type(one))
        for name in getattr(type(one), "_fields", {}):
            try:
                value = getattr(one, name)
            except Exception:
                continue  # a field that cannot be read now holds no configuration
            if hasattr(value, "_fields"):
                todo.append(value)
    return found


def sources(classes: list[Any]) -> dict[str, Any]:
    """Files in which the classes and their bases are written, and the packages that these belong to with their versions."""
    modules = {base.__module__ for cls in classes for base in inspect.getmro(cls)} - {"builtins"}
    files = set()
    packages: dict[str, str] = {}
    distributions = importlib.metadata.packages_distributions()
    for name in modules:
        module = sys.modules.get(name)
        file = getattr(module, "__file__", None)
        if file is not None and os.path.exists(file):
            files.add(os.path.realpath(file))
        for distribution in distributions.get(name.split(".")[0], []):
            version = importlib.metadata.version(distribution)
            packages[distribution] = version
            metadata = importlib.metadata.distribution(distribution)
            folder = getattr(metadata, "_path", None)
            if folder is not None:
                files.add(os.path.join(str(folder), "METADATA"))
    return {"files": sorted(file for file in files if os.path.exists(file)), "packages": dict(sorted(packages.items()))}


def checked(contract: str, configs: dict[str, Any]) -> dict[str, Any]:
    """Contracts are expressions over the configurations of the tasks, by label."""
    try:
        return {"holds": bool(eval(contract, {}, dict(configs)))}
    except Exception as error:
        return {"error": message(error)}


def plain(value: Any) -> Any:
    """As JSON can hold it; what it cannot hold becomes text."""
    if isinstance(value, dict):
        return {str(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, (set, frozenset)):
        return sorted((plain(one) for one in value), key=str)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def last_lines(error: BaseException) -> str:
    """The message with the place in the user's code that raised it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if "importlib" not in f.filename and f.filename != __file__]
    where = f" ({frames[-1].filename}, line {frames[-1].lineno})" if frames else ""
    return message(error) + where
