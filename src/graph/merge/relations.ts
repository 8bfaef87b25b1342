// SPDX-License-Identifier: BSD-3-Clause
import type { DataIdValue, DimensionRecord } from '../../butler/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { groupRows, type KeyColumn, take } from '../columns/group.ts';
import { KeyTable } from '../columns/key-table.ts';
import { existingNumbers } from '../derive/existing-writer.ts';
import type { Draft } from '../derive/finish.ts';

/** The relations of several graphs as one list: where the rows of each are now. */
export interface MergedRelations {
  relations: Draft['relations'];
  values: Map<string, DataIdValue[]>;
  /** By graph and relation: place in {@link relations}, and the row there of each row. */
  places: { at: number; rowOf: Uint32Array }[][];
}

/**
 * Puts relations over the same dimensions together, each data ID once. A relation that holds several datasets of one data ID
 * (calibrations) has a type of its own; its rows are the same if the datasets' ids are, too.
 */
export function mergeRelations(graphs: readonly ColumnGraph[]): MergedRelations {
  const { values, codes } = mergeDictionaries(graphs);
  const keys = relationKeys(graphs);
  const list = [...new Set(keys.flat())];
  const places: MergedRelations['places'] = graphs.map(() => []);
  const relations = list.map((key, at) => {
    const members = graphs.flatMap((graph, g) =>
      keys[g].flatMap((own, r) => (own === key ? [{ graph, g, r, ...graph.index.relations[r] }] : [])),
    );
    const { names, required } = members[0];
    const total = members.reduce((sum, { rows }) => sum + rows, 0);
    const columns = new Map<string, Uint32Array>(
      names.map((name) => {
        const column = new Uint32Array(total);
        let begin = 0;
        for (const { graph, g, r, rows } of members) {
          const own = graph.parts.column(`relation/${r}/${name}`) as Uint32Array;
          const merged = codes[g].get(name) as Uint32Array;
          for (let row = 0; row < rows; row++) column[begin + row] = merged[own[row]];
          begin += rows;
        }
        return [name, column];
      }),
    );
    const by = required.map((name): KeyColumn => {
      const all = values.get(name) as DataIdValue[];
      return { values: columns.get(name) as Uint32Array, cardinality: Math.max(1, all.length), ranks: ranksOf(all) };
    });
    if (key.includes('\n')) by.push(idColumn(members, total));
    const { of, count, first } = groupRows(by, total);
    let begin = 0;
    for (const { g, r, rows } of members) {
      places[g][r] = { at, rowOf: of.subarray(begin, begin + rows) };
      begin += rows;
    }
    const merged = names.map((name) => [name, take(columns.get(name) as Uint32Array, first)]);
    return { names, required, rows: count, codes: Object.fromEntries(merged) };
  });
  return { relations, values, places };
}

/** Values of all graphs, and for each graph the merged code of each of its codes. */
function mergeDictionaries(graphs: readonly ColumnGraph[]) {
  const values = new Map<string, DataIdValue[]>();
  const known = new Map<string, Map<DataIdValue, number>>();
  const codes = graphs.map((graph) => {
    const own = new Map<string, Uint32Array>();
    for (const name of graph.index.dimensions) {
      const list = values.get(name) ?? [];
      const at = known.get(name) ?? new Map<DataIdValue, number>();
      values.set(name, list);
      known.set(name, at);
      const translate = graph.parts.values(name).map((value) => {
        let code = at.get(value);
        if (code === undefined) {
          code = list.length;
          list.push(value);
          at.set(value, code);
        }
        return code;
      });
      own.set(name, Uint32Array.from(translate));
    }
    return own;
  });
  return { values, codes };
}

/** Relations with equal keys are put together. Those with several rows of one data ID get the name of their type in the key. */
function relationKeys(graphs: readonly ColumnGraph[]): string[][] {
  const several = new Set<string>();
  const owners = graphs.map(({ index }) =>
    index.relations.map((_, r) => ({
      tasks: index.tasks.filter((task) => task.relation === r).length,
      types: index.datasetTypes.filter((type) => type.relation === r).map((type) => type.name),
    })),
  );
  for (const [g, graph] of graphs.entries())
    for (const [r, { required, rows }] of graph.index.relations.entries()) {
      const { tasks, types } = owners[g][r];
      if (tasks > 0 || types.length !== 1) continue;
      const columns = required.map((name) => ({
        values: graph.parts.column(`relation/${r}/${name}`) as Uint32Array,
        cardinality: Math.max(1, graph.parts.values(name).length),
      }));
      // Each graph may have another one of the calibrations of a data ID.
      const calibration = graph.index.datasetTypes.some(
        ({ name, isCalibration }) => name === types[0] && isCalibration,
      );
      if (calibration || groupRows(columns, rows).count < rows) several.add(types[0]);
    }
  return graphs.map(({ index }, g) =>
    index.relations.map(({ names }, r) => {
      const own = owners[g][r].types.find((type) => several.has(type));
      return own === undefined ? names.join() : `${names.join()}\n${own}`;
    }),
  );
}

/** A number for the dataset of each row of relations that hold one type of existing datasets: equal where ids are. */
function idColumn(members: readonly { graph: ColumnGraph; r: number; rows: number }[], total: number): KeyColumn {
  const values = new Uint32Array(total);
  // Ids as pairs of numbers below 2^32 combined step by step: 4 words a UUID.
  const tables = Array.from({ length: 4 }, () => new KeyTable(1024));
  let begin = 0;
  for (const { graph, r, rows } of members) {
    const type = graph.index.datasetTypes.findIndex(({ relation }) => relation === r);
    const existing = existingNumbers(graph, type);
    for (let row = 0; row < rows; row++) {
      const number = existing(row);
      if (number === undefined) continue;
      const place = graph.parts.at('existing/places', number);
      const id = Buffer.from(graph.parts.bytes('existing/ids', 16 * place, 16 * place + 16));
      let key = 0;
      for (let word = 0; word < 4; word++)
        key = 1 + tables[word].intern((key % 2 ** 21) * 2 ** 32 + id.readUInt32LE(4 * word));
      values[begin + row] = key;
    }
    begin += rows;
  }
  return { values, cardinality: tables[3].size + 1 };
}

export function mergeRecords(graphs: readonly ColumnGraph[], { values }: MergedRelations): Draft['records'] {
  const codes = new Map([...values].map(([name, list]) => [name, new Map(list.map((value, code) => [value, code]))]));
  const merged = new Map<
    string,
    { dimensions: readonly string[]; rows: Map<string, number[]>; list: DimensionRecord[] }
  >();
  for (const { index, parts } of graphs)
    for (const { element, dimensions } of index.records) {
      const entry = merged.get(element) ?? {
        dimensions,
        rows: new Map<string, number[]>(),
        list: [] as DimensionRecord[],
      };
      merged.set(element, entry);
      const keys = dimensions.map((name) => parts.column(`record/${element}/${name}`));
      for (const [row, record] of parts.records(element).entries()) {
        const key = dimensions.map((name, k) => codes.get(name)?.get(parts.values(name)[keys[k][row]]) as number);
        if (entry.rows.has(key.join())) continue;
        entry.rows.set(key.join(), key);
        entry.list.push(record);
      }
    }
  return [...merged].map(([element, { dimensions, rows, list }]) => ({
    ...{ element, dimensions, list },
    keys: dimensions.map((_, k) => Uint32Array.from(rows.values(), (key) => key[k])),
  }));
}

function ranksOf(values: readonly DataIdValue[]): Uint32Array {
  const order = [...values.keys()].sort((a, b) => (values[a] < values[b] ? -1 : values[a] > values[b] ? 1 : 0));
  const ranks = new Uint32Array(values.length);
  for (const [rank, code] of order.entries()) ranks[code] = rank;
  return ranks;
}
