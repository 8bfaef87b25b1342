# SPDX-License-Identifier: BSD-3-Clause
"""Data IDs with their dimension records, of which nothing is fetched or decoded before it is looked at."""

from collections.abc import Iterator, Mapping
from typing import Any

from lsst.daf.butler import DataCoordinate, DimensionRecordSetDeserializer, SkyPixDimension

from ..channel import Channel

Key = tuple[Any, ...]


class Records:
    """Records by element and key. What is not here is asked for, together with all that the data IDs of the same table will need."""

    def __init__(self, universe: Any, channel: Channel):
        self.universe = universe
        self._channel = channel
        self._known: dict[str, dict[Key, Any]] = {}

    def forget(self) -> None:
        """Other data IDs come now."""
        self._known.clear()

    def find(self, name: str, key: Key, table: "DataIds") -> Any:
        known = self._known.setdefault(name, {})
        if key not in known:
            self._fetch(name, known, {key, *table.keys(name)} - known.keys())
        return known[key]

    def _fetch(self, name: str, known: dict[Key, Any], keys: set[Key]) -> None:
        element = self.universe[name]
        if isinstance(element, SkyPixDimension):
            for key in keys:
                known[key] = element.RecordClass(id=key[0], region=element.pixelization.pixel(key[0]))
        elif not element.has_own_table:
            for key in keys:
                known[key] = element.RecordClass(**dict(zip(element.required.names, key, strict=True)))
        else:
            wanted = sorted(keys)
            columns = {dimension: [key[k] for key in wanted] for k, dimension in enumerate(element.required.names)}
            rows = self._channel.want({"element": name, "columns": columns})
            found = DimensionRecordSetDeserializer.from_raw(element, rows)
            known.update(dict.fromkeys(keys))  # None: there is no record
            for record in found:
                known[record.dataId.required_values] = record


class DataIds:
    """A table of data IDs over one set of dimensions. Columns of implied dimensions may be absent."""

    def __init__(self, records: Records, dimensions: Any, columns: dict[str, list[Any]], rows: int):
        self.dimensions = dimensions
        self._records = records
        self._columns = columns
        self._rows = rows
        self._made: list[DataCoordinate | None] = [None] * rows
        self._names = tuple(dimensions.data_coordinate_keys)
        self._complete = all(name in columns for name in self._names)
        names = self._names if self._complete else tuple(dimensions.required)
        self._values = list(zip(*(columns[name] for name in names), strict=True)) if names else [()] * rows

    def __len__(self) -> int:
        return self._rows

    def __getitem__(self, row: int) -> DataCoordinate:
        made = self._made[row]
        if made is None:
            values = self._values[row] if self._complete else self._completed(self._values[row])
            bare = DataCoordinate.from_full_values(self.dimensions, values)
            made = self._made[row] = bare.expanded(RecordsOf(self, values))
        return made

    def minimal(self, row: int) -> DataCoordinate:
        """Without implied values and records."""
        return DataCoordinate.from_required_values(self.dimensions, self._values[row][: len(self.dimensions.required)])

    def record(self, name: str, values: Key) -> Any:
        of = dict(zip(self._names, values, strict=True))
        key = tuple(of[dimension] for dimension in self._records.universe[name].required.names)
        return None if None in key else self._records.find(name, key, self)

    def keys(self, name: str) -> set[Key]:
        """The keys of an element in all data IDs, as far as the columns tell."""
        required = self._records.universe[name].required.names
        if not all(dimension in self._columns for dimension in required):
            return set()
        return {key for key in zip(*(self._columns[dimension] for dimension in required), strict=True) if None not in key}

    def _completed(self, required: Key) -> Key:
        """With implied values, which the records of other dimensions have."""
        of = dict(zip(self.dimensions.required, required, strict=True))
        for name in self.dimensions.lookup_order:
            element = self._records.universe[name]
            implied = [dimension for dimension in element.implied.names if dimension not in of]
            if not implied:
                continue
            record = self._records.find(name, tuple(of[dimension] for dimension in element.required.names), self)
            of.update((dimension, getattr(record, dimension, None)) for dimension in implied)
        return tuple(of[name] for name in self._names)


class RecordsOf(Mapping[str, Any]):
    """The records of one data ID."""

    __slots__ = ("_table", "_values")

    def __init__(self, table: DataIds, values: Key):
        self._table = table
        self._values = values

    def __getitem__(self, name: str) -> Any:
        if name not in self._table.dimensions.elements:
            raise KeyError(name)
        return self._table.record(name, self._values)

    def __iter__(self) -> Iterator[str]:
        return iter(self._table.dimensions.elements)

    def __len__(self) -> int:
        return len(self._table.dimensions.elements)
