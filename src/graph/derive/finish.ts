// SPDX-License-Identifier: BSD-3-Clause
import { writeUuid } from '../../base/index.ts';
import type { DataIdValue, DimensionRecord } from '../../butler/index.ts';
import type { BuildReport } from '../build/report.ts';
import { ColumnGraph } from '../column-graph.ts';
import type { Link } from '../columns/link.ts';
import { RowSet } from '../columns/row-set.ts';
import { type GraphEdges, type GraphIndex, type GraphLink, type GraphRelation, MemoryParts } from '../data.ts';
import type { GraphHeader, GraphTask } from '../quantum-graph.ts';
import { ExistingWriter } from './existing-writer.ts';
import { orderOfIds } from './order-of-ids.ts';

/** A graph that is made from others, before its quanta and datasets are numbered. */
export interface Draft {
  id: string;
  header: GraphHeader;
  relations: (GraphRelation & { codes: Record<string, Uint32Array> })[];
  tasks: DraftTask[];
  types: DraftType[];
  values: ReadonlyMap<string, readonly DataIdValue[]>;
  records: {
    element: string;
    dimensions: readonly string[];
    keys: readonly Uint32Array[];
    list: readonly DimensionRecord[];
  }[];
  report: BuildReport;
}

export interface DraftTask {
  from: Pick<GraphTask, 'declaration' | 'label' | 'inputNames' | 'outputNames'>;
  relation: number;
  quanta: RowSet;
  /** Ids of quanta by row, where they are given: then of all tasks. Else they are computed. */
  idOf?: (row: number) => string;
  inputs: DraftEdges[];
  outputs: DraftEdges[];
  /** Connection and type. */
  initInputs: Record<string, number>;
  initOutputs: Record<string, number>;
}

export interface DraftEdges {
  type: number;
  link: Link;
}

export interface DraftType {
  name: string;
  dimensions: readonly string[];
  storageClass: string;
  isCalibration: boolean;
  relation: number;
  datasets: RowSet;
  /** Adds the dataset of a row to the writer if it exists, or is predicted under an id that is given; returns which. */
  exists(row: number, writer: ExistingWriter): boolean | 'given';
  producer?: { task: number; output: number };
}

/** Numbers quanta and datasets and lays out the columns. Links that are one object, or equal, are stored once. */
export function finish(draft: Draft): ColumnGraph {
  const parts = new MemoryParts();
  for (const [r, { codes }] of draft.relations.entries())
    for (const [name, column] of Object.entries(codes)) parts.columns.set(`relation/${r}/${name}`, column);
  const links = new SharedLinks(parts);
  let quantumCount = 0;
  const tasks = draft.tasks.map((task, t) => {
    const { quanta, relation } = task;
    if (quanta.bits !== undefined) parts.columns.set(`task/${t}/rows`, quanta.bits);
    const firstQuantum = quantumCount;
    quantumCount += quanta.count;
    const edges = (list: readonly DraftEdges[]): GraphEdges[] =>
      list.map(({ type, link }) => ({ type, link: links.add(link, relation, draft.types[type].relation) }));
    const { declaration, label, inputNames, outputNames } = task.from;
    return {
      ...{ declaration, label, firstQuantum, quantumCount: quanta.count, inputNames, outputNames },
      ...{ relation, whole: quanta.bits === undefined, inputs: edges(task.inputs), outputs: edges(task.outputs) },
    };
  });
  let datasetCount = 0;
  const writer = new ExistingWriter();
  const types = draft.types.map((type, t) => {
    const { datasets } = type;
    if (datasets.bits !== undefined) parts.columns.set(`type/${t}/rows`, datasets.bits);
    const firstDataset = datasetCount;
    datasetCount += datasets.count;
    const firstExisting = writer.count;
    const present = new Uint8Array(datasets.count);
    let [place, given] = [0, 0];
    for (let row = 0; row < datasets.size; row++) {
      if (!datasets.has(row)) continue;
      const there = type.exists(row, writer);
      present[place++] = there === false ? 0 : 1;
      if (there === 'given') given++;
    }
    const found = writer.count - firstExisting;
    const existing = found === 0 ? ('none' as const) : found === datasets.count ? ('all' as const) : ('some' as const);
    if (existing === 'some') parts.columns.set(`type/${t}/existing`, RowSet.of(present).bits as Uint8Array);
    const { name, dimensions, storageClass, isCalibration, relation, producer } = type;
    return {
      ...{ name, dimensions, storageClass, isCalibration, firstDataset, datasetCount: datasets.count, relation },
      ...{ whole: datasets.bits === undefined, existing, firstExisting, producer },
      ...(given > 0 ? { given } : {}),
    };
  });
  const lists = writer.store(parts);
  const quantumIds = storeIds(parts, draft.tasks, quantumCount);
  for (const [dimension, values] of draft.values) parts.dictionaries.set(dimension, values);
  for (const { element, dimensions, keys, list } of draft.records) {
    parts.recordLists.set(element, list);
    for (const [k, dimension] of dimensions.entries()) parts.columns.set(`record/${element}/${dimension}`, keys[k]);
  }
  const rowsOf = (init: Record<string, number>): Record<string, number> =>
    Object.fromEntries(Object.entries(init).map(([name, type]) => [name, types[type].firstDataset]));
  const index: GraphIndex = {
    id: draft.id,
    header: draft.header,
    relations: draft.relations.map(({ names, required, rows }) => ({ names, required, rows })),
    links: links.list,
    tasks: tasks.map((task, t) => ({
      ...task,
      initInputs: rowsOf(draft.tasks[t].initInputs),
      initOutputs: rowsOf(draft.tasks[t].initOutputs),
    })),
    datasetTypes: types,
    dimensions: [...draft.values.keys()],
    records: draft.records.map(({ element, dimensions }) => ({ element, dimensions })),
    quantumCount,
    ...(quantumIds ? { quantumIds } : {}),
    datasetCount,
    ...lists,
    report: draft.report,
  };
  return new ColumnGraph(index, parts);
}

/** Keeps the ids of quanta where they are given; says whether they are. */
function storeIds(parts: MemoryParts, tasks: readonly DraftTask[], count: number): boolean {
  if (!tasks.some(({ idOf }) => idOf !== undefined)) return false;
  const ids = Buffer.alloc(16 * count);
  let at = 0;
  for (const { quanta, idOf } of tasks)
    for (let row = 0; row < quanta.size; row++) {
      if (!quanta.has(row)) continue;
      writeUuid(idOf?.(row) as string, ids, at);
      at += 16;
    }
  parts.columns.set('quantum/ids', ids);
  parts.columns.set('quantum/order', orderOfIds(ids));
  return true;
}

class SharedLinks {
  readonly list: GraphLink[] = [];
  readonly #links: Link[] = [];
  readonly #parts: MemoryParts;

  constructor(parts: MemoryParts) {
    this.#parts = parts;
  }

  add(link: Link, from: number, to: number): number {
    const known = this.list.findIndex(
      (entry, at) => entry.from === from && entry.to === to && equalLinks(this.#links[at], link),
    );
    if (known >= 0) return known;
    const at = this.list.length;
    this.list.push({ from, to, kind: link.kind });
    this.#links.push(link);
    if (link.items !== undefined) this.#parts.columns.set(`link/${at}/items`, link.items);
    if (link.offsets !== undefined) this.#parts.columns.set(`link/${at}/offsets`, link.offsets);
    return at;
  }
}

function equalLinks(a: Link, b: Link): boolean {
  return a === b || (a.kind === b.kind && equal(a.items, b.items) && equal(a.offsets, b.offsets));
}

function equal(a: Uint32Array | undefined, b: Uint32Array | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined || a.length !== b.length) return false;
  const [left, right] = [a, b].map((one) => Buffer.from(one.buffer, one.byteOffset, one.byteLength));
  return left.equals(right);
}

/** What is kept of a build's report for a graph that has other quanta than were built. */
export function derivedReport(report: BuildReport, tasks: readonly DraftTask[]): BuildReport {
  const counts = new Map(tasks.map((task) => [task.from.label, task.quanta.count]));
  return {
    ...report,
    tasks: [...counts].map(([label, quanta]) => ({ label, candidates: quanta, skipped: 0, pruned: 0, quanta })),
    skipped: [],
    rerun: [],
    pruned: [],
  };
}
