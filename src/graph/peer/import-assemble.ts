// SPDX-License-Identifier: BSD-3-Clause
import { packagesDatasetType } from '../../pipeline/index.ts';
import { csrFromPairs } from '../columns/csr.ts';
import { growingU32 } from '../columns/growing.ts';
import { Link, noRow } from '../columns/link.ts';
import { RowSet } from '../columns/row-set.ts';
import { fenceStride, type GraphEdges, type GraphIndex, type GraphLink, MemoryParts } from '../data.ts';
import { orderOfIds } from '../derive/order-of-ids.ts';
import { newGraphId } from '../ids.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import { recordsOfRows } from './dimension-data.ts';
import type { ImportRelation, Members, Words } from './import-rows.ts';
import type { ImportConnection, ImportState, ImportTask, ImportType } from './import-state.ts';

/** Puts what was read into the columns of a graph. */
export function assembleImport(
  state: ImportState,
  dimensionData: Record<string, unknown[][]>,
  header: GraphHeader,
): { index: GraphIndex; parts: MemoryParts } {
  const parts = new MemoryParts();
  const tasks = [...state.tasks.values()];
  const types = [...state.types.values()];
  const relations = [...new Set([...tasks.map((t) => t.quanta.relation), ...types.map((t) => t.datasets.relation)])];
  for (const [r, relation] of relations.entries())
    for (const [name, codes] of relation.columns()) parts.columns.set(`relation/${r}/${name}`, codes);
  const choice = (members: Members, name: string) => {
    const rows = RowSet.of(members.flags());
    if (rows.bits !== undefined) parts.columns.set(`${name}/rows`, rows.bits);
    return { relation: relations.indexOf(members.relation), whole: rows.bits === undefined };
  };

  const datasetOrder = growingU32();
  const typeEntries = types.map((type, t) => {
    const firstDataset = datasetOrder.length;
    datasetOrder.append(
      type.datasets
        .flags()
        .filter((number) => number > 0)
        .map((number) => number - 1),
    );
    const producer = producerOf(tasks, type);
    const given = predicted(state, tasks, type);
    return {
      name: type.name,
      dimensions: type.datasets.relation.group.names,
      storageClass: type.storageClass,
      isCalibration: type.isCalibration,
      firstDataset,
      datasetCount: type.datasets.count,
      ...choice(type.datasets, `type/${t}`),
      existing: type.datasets.count > 0 ? ('all' as const) : ('none' as const),
      firstExisting: firstDataset,
      ...(given > 0 ? { given } : {}),
      ...(producer === undefined ? {} : { producer }),
    };
  });
  const links = new Links(parts, relations);
  const quantumOrder = growingU32();
  const rowOf = (name: string): number => typeEntries[types.findIndex((type) => type.name === name)].firstDataset;
  const taskEntries = tasks.map((task, t) => {
    const firstQuantum = quantumOrder.length;
    quantumOrder.append(
      task.quanta
        .flags()
        .filter((number) => number > 0)
        .map((number) => number - 1),
    );
    const edges = (connections: readonly ImportConnection[]): GraphEdges[] =>
      connections.map((one) => ({ type: types.indexOf(one.type), link: links.add(task, one) }));
    return {
      declaration: withMultiple(task),
      label: task.label,
      firstQuantum,
      quantumCount: task.quanta.count,
      inputNames: task.inputs.map(({ name }) => name),
      outputNames: task.outputs.map(({ name }) => name),
      ...choice(task.quanta, `task/${t}`),
      inputs: edges(task.inputs),
      outputs: edges(task.outputs),
      initInputs: Object.fromEntries(task.initInputs.map(([name, type]) => [name, rowOf(type)])),
      initOutputs: Object.fromEntries(task.initOutputs.map(([name, type]) => [name, rowOf(type)])),
    };
  });

  const quantumIds = state.quantumIds.bytes(quantumOrder.take());
  parts.columns.set('quantum/ids', quantumIds);
  parts.columns.set('quantum/order', orderOfIds(quantumIds));
  const lists = datasetParts(state, parts, datasetOrder.take());
  const records = recordParts(state, parts, dimensionData);
  for (const name of state.dictionaries.names) parts.dictionaries.set(name, state.dictionaries.of(name).values);
  const index: GraphIndex = {
    id: newGraphId(),
    header,
    relations: relations.map(({ group, rows }) => ({ names: group.names, required: group.required, rows })),
    links: links.list,
    tasks: taskEntries,
    datasetTypes: typeEntries,
    dimensions: state.dictionaries.names,
    records,
    quantumCount: quantumOrder.length,
    quantumIds: true,
    datasetCount: datasetOrder.length,
    ...lists,
    report: {
      questions: 0,
      wallSeconds: 0,
      components: [],
      tasks: tasks.map(({ label, quanta: { count } }) => ({
        label,
        candidates: count,
        skipped: 0,
        pruned: 0,
        quanta: count,
      })),
      skipped: [],
      rerun: [],
      pruned: [],
      warnings: [],
      steps: [],
    },
  };
  return { index, parts };
}

function producerOf(tasks: readonly ImportTask[], type: ImportType): { task: number; output: number } | undefined {
  for (const [task, { outputs }] of tasks.entries()) {
    const output = outputs.findIndex((connection) => connection.type === type);
    if (output >= 0) return { task, output };
  }
  return undefined;
}

/** How many datasets of a type the quanta of the graph are to make, or its tasks once a run: they have ids, and no files yet. */
function predicted(state: ImportState, tasks: readonly ImportTask[], type: ImportType): number {
  const rows = new Set<number>();
  for (const { outputs, initOutputs } of tasks) {
    for (const { type: made, to } of outputs) if (made === type) for (const row of to.take()) rows.add(row);
    if (initOutputs.some(([, name]) => name === type.name)) rows.add(0);
  }
  if (type.name === packagesDatasetType) rows.add(0);
  let count = 0;
  for (const row of rows) {
    const number = type.datasets.at(row);
    if (number !== undefined && !state.files.has(number)) count++;
  }
  return count;
}

/** The file does not say which connections take several datasets; those that do here surely do. */
function withMultiple({ declaration, inputs, outputs }: ImportTask) {
  const connections = { ...declaration.connections };
  for (const { name, from } of [...inputs, ...outputs]) {
    for (let i = 1; i < from.length; i++) {
      if (from.at(i) !== from.at(i - 1)) continue;
      connections[name] = { ...connections[name], multiple: true };
      break;
    }
  }
  return { ...declaration, connections };
}

/** Links, each once. */
class Links {
  readonly list: GraphLink[] = [];
  readonly #links: Link[] = [];
  readonly #parts: MemoryParts;
  readonly #relations: readonly ImportRelation[];

  constructor(parts: MemoryParts, relations: readonly ImportRelation[]) {
    this.#parts = parts;
    this.#relations = relations;
  }

  add(task: ImportTask, connection: ImportConnection): number {
    const from = this.#relations.indexOf(task.quanta.relation);
    const to = this.#relations.indexOf(connection.type.datasets.relation);
    const link = linkOf(task.quanta, connection);
    for (const [at, other] of this.list.entries()) {
      if (other.from !== from || other.to !== to || other.kind !== link.kind) continue;
      if (sameColumn(link.items, this.#links[at].items) && sameColumn(link.offsets, this.#links[at].offsets)) return at;
    }
    const at = this.list.push({ from, to, kind: link.kind }) - 1;
    this.#links.push(link);
    if (link.items !== undefined) this.#parts.columns.set(`link/${at}/items`, link.items);
    if (link.offsets !== undefined) this.#parts.columns.set(`link/${at}/offsets`, link.offsets);
    return at;
  }
}

/** The edges of a connection as the simplest kind of link that says them. */
function linkOf(quanta: Members, { type, from, to }: ImportConnection): Link {
  const { rows } = quanta.relation;
  const [sources, targets] = [from.take(), to.take()];
  if (quanta.relation === type.datasets.relation && sources.every((row, i) => row === targets[i])) {
    let expected = 0;
    for (let row = 0; row < rows; row++)
      if (quanta.at(row) !== undefined && type.datasets.at(row) !== undefined) expected++;
    if (expected === sources.length) return Link.same;
  }
  const items = new Uint32Array(rows).fill(noRow);
  let single = true;
  for (let i = 0; i < sources.length && single; i++) {
    single = items[sources[i]] === noRow;
    items[sources[i]] = targets[i];
  }
  if (single) return Link.map(items);
  const csr = csrFromPairs(sources, targets, rows);
  return Link.lists(csr.offsets, csr.items);
}

function sameColumn(a: Uint32Array | undefined, b: Uint32Array | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.length === b.length && a.every((value, i) => value === b[i]);
}

/** Ids, runs and files of all datasets: `order` has their numbers in the order of the graph. */
function datasetParts(state: ImportState, parts: MemoryParts, order: Words) {
  const given = state.datasetIds.bytes(order);
  const sorted = orderOfIds(given);
  const ids = new Uint8Array(given.length);
  const places = new Uint32Array(order.length);
  for (const [place, dataset] of sorted.entries()) {
    ids.set(given.subarray(16 * dataset, 16 * dataset + 16), 16 * place);
    places[dataset] = place;
  }
  const fences = new Uint8Array(16 * Math.ceil(order.length / fenceStride));
  for (let at = 0; at < fences.length; at += 16) fences.set(ids.subarray(at * fenceStride, at * fenceStride + 16), at);
  parts.columns.set('existing/ids', ids);
  parts.columns.set('existing/rows', sorted);
  parts.columns.set('existing/places', places);
  parts.columns.set('existing/fences', fences);
  parts.columns.set(
    'existing/runs',
    order.map((number) => state.datasetRuns.at(number)),
  );
  return { existingCount: order.length, runs: state.runs, ...state.files.store(parts, order) };
}

/** Records by element, with the codes of their keys. */
function recordParts(state: ImportState, parts: MemoryParts, dimensionData: Record<string, unknown[][]>) {
  return Object.entries(dimensionData).map(([element, rows]) => {
    if (!state.universe.hasElement(element))
      throw state.problem(`it has records of "${element}", which is no dimension`);
    const dimensions = state.universe.element(element).required;
    try {
      parts.recordLists.set(element, recordsOfRows(state.universe, element, rows));
    } catch (cause) {
      throw state.problem(`its records of ${element} cannot be understood (${(cause as Error).message})`);
    }
    for (const [k, dimension] of dimensions.entries()) {
      const dictionary = state.dictionaries.of(dimension);
      parts.columns.set(
        `record/${element}/${dimension}`,
        Uint32Array.from(rows, (row) => dictionary.code(row[k] as string | number)),
      );
    }
    return { element, dimensions };
  });
}
