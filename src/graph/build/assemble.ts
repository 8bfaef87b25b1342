// SPDX-License-Identifier: BSD-3-Clause
import { uuidHex } from '../../base/index.ts';
import type { FileRecord } from '../../butler/index.ts';
import { take } from '../columns/group.ts';
import { encodeText, type GraphIndex, MemoryParts } from '../data.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import type { BuildContext } from './candidates.ts';
import type { InitRows } from './init.ts';
import { noEdge } from './prune.ts';
import type { RecordTables } from './records.ts';
import { type ConnectionEdges, nobody, type TaskRows, type TypeRows } from './tables.ts';

/** Final row numbers of one type's datasets; {@link noEdge} for those that are not in the graph. */
interface Numbered {
  type: TypeRows;
  first: number;
  /** Build rows in final order. */
  rows: Uint32Array;
  finalOf: Uint32Array;
}

/** Puts what is left into the graph's columns: dead rows dropped, quanta and datasets numbered, edges as CSR. */
export async function assemble(
  context: BuildContext,
  header: GraphHeader,
  graphId: string,
  tasks: readonly TaskRows[],
  init: InitRows,
  records: RecordTables,
): Promise<{ index: GraphIndex; parts: MemoryParts }> {
  const parts = new MemoryParts();
  const quantumRows = tasks.map(living);
  const firstQuantum: number[] = [];
  let quantumCount = 0;
  for (const rows of quantumRows) {
    firstQuantum.push(quantumCount);
    quantumCount += rows.length;
  }
  const used = usedDatasets(tasks, quantumRows);
  const numbered: Numbered[] = [];
  let datasetCount = 0;
  for (const type of context.types.values()) {
    const one = number(context, type, used.get(type) ?? new Uint8Array(type.count), datasetCount);
    numbered.push(one);
    datasetCount += one.rows.length;
  }
  const finalOf = new Map(numbered.map((one) => [one.type, one.finalOf]));
  edges(parts, 'input', tasks, quantumRows, (rows) => rows.inputs, finalOf, quantumCount);
  edges(parts, 'output', tasks, quantumRows, (rows) => rows.outputs, finalOf, quantumCount);

  for (const [t, rows] of tasks.entries()) {
    const picked = quantumRows[t];
    for (const name of rows.group.names) parts.columns.set(`task/${t}/${name}`, take(rows.codes[name], picked));
  }
  const finalQuantum = finalQuanta(tasks, quantumRows, firstQuantum);
  const producer = new Uint32Array(datasetCount).fill(nobody);
  const oldExisting = new Uint32Array(datasetCount);
  for (const [i, { type, rows, first }] of numbered.entries()) {
    for (const name of Object.keys(type.codes)) parts.columns.set(`type/${i}/${name}`, take(type.codes[name], rows));
    const task = tasks.findIndex((one) => one.label === type.declared.producer?.label);
    for (let k = 0; k < rows.length; k++) {
      const quantum = type.producer[rows[k]];
      if (quantum !== nobody && task >= 0) producer[first + k] = finalQuantum[task][quantum];
      oldExisting[first + k] = type.existing[rows[k]];
    }
  }
  parts.columns.set('dataset/producer', producer);
  const lists = await existingParts(context, parts, oldExisting, producer);

  for (const name of context.dictionaries.names) parts.dictionaries.set(name, context.dictionaries.of(name).values);
  for (const table of records.values()) {
    parts.recordLists.set(table.element, table.records);
    for (const [k, dimension] of table.dimensions.entries()) {
      parts.columns.set(
        `record/${table.element}/${dimension}`,
        Uint32Array.from(table.keys, (key) => key[k]),
      );
    }
  }
  const rowOf = (datasetType: string): number =>
    (numbered.find((one) => one.type.name === datasetType) as Numbered).first;
  const index: GraphIndex = {
    id: graphId,
    header,
    tasks: tasks.map((rows, t) => ({
      declaration: rows.task.declaration,
      label: rows.label,
      firstQuantum: firstQuantum[t],
      quantumCount: quantumRows[t].length,
      inputNames: rows.inputs.map((input) => input.name),
      outputNames: rows.outputs.map((output) => output.name),
      initInputs: Object.fromEntries((init.inputs.get(rows.label) ?? []).map(([name, type]) => [name, rowOf(type)])),
      initOutputs: Object.fromEntries((init.outputs.get(rows.label) ?? []).map(([name, type]) => [name, rowOf(type)])),
      names: rows.group.names,
      required: rows.group.required,
    })),
    datasetTypes: numbered.map(({ type, first, rows }) => ({
      name: type.name,
      dimensions: type.group.names,
      storageClass: type.declared.storageClass,
      isCalibration: type.declared.isCalibration,
      firstDataset: first,
      datasetCount: rows.length,
      columns: type.group.names.filter((name) => type.codes[name] !== undefined),
    })),
    dimensions: context.dictionaries.names,
    records: [...records.values()].map(({ element, dimensions }) => ({ element, dimensions })),
    quantumCount,
    datasetCount,
    ...lists,
    report: context.report,
  };
  return { index, parts };
}

function living({ alive, count }: TaskRows): Uint32Array {
  const rows = new Uint32Array(count);
  let kept = 0;
  for (let row = 0; row < count; row++) if (alive[row]) rows[kept++] = row;
  return rows.slice(0, kept);
}

/** Datasets that an edge of a living quantum touches, and living init datasets. */
function usedDatasets(tasks: readonly TaskRows[], quantumRows: readonly Uint32Array[]): Map<TypeRows, Uint8Array> {
  const used = new Map<TypeRows, Uint8Array>();
  for (const [t, rows] of tasks.entries()) {
    for (const { type, edges } of [...rows.inputs, ...rows.outputs]) {
      let mark = used.get(type);
      if (mark === undefined) {
        mark = new Uint8Array(type.count);
        used.set(type, mark);
      }
      for (const quantum of quantumRows[t]) {
        for (let i = edges.offsets[quantum]; i < edges.offsets[quantum + 1]; i++) {
          const dataset = edges.items[i];
          if (dataset !== noEdge && type.alive[dataset]) mark[dataset] = 1;
        }
      }
    }
  }
  return used;
}

/** Living rows in the order of data IDs, then of ids for several of one data ID (calibrations). */
function number(context: BuildContext, type: TypeRows, used: Uint8Array, first: number): Numbered {
  const rows: number[] = [];
  for (let row = 0; row < type.count; row++) if (used[row] || (type.declared.isInit && type.alive[row])) rows.push(row);
  if (type.declared.producer === undefined && !type.declared.isInit) {
    const keys = type.group.required.map((name) => ({
      ranks: context.dictionaries.of(name).ranks(),
      codes: type.codes[name],
    }));
    const ids = context.existing.ids;
    rows.sort((a, b) => {
      for (const { ranks, codes } of keys) if (codes[a] !== codes[b]) return ranks[codes[a]] - ranks[codes[b]];
      return ids[type.existing[a] - 1] < ids[type.existing[b] - 1] ? -1 : 1;
    });
  }
  const finalOf = new Uint32Array(type.count).fill(noEdge);
  for (const [k, row] of rows.entries()) finalOf[row] = first + k;
  return { type, first, rows: Uint32Array.from(rows), finalOf };
}

function finalQuanta(
  tasks: readonly TaskRows[],
  quantumRows: readonly Uint32Array[],
  first: readonly number[],
): Uint32Array[] {
  return tasks.map((rows, t) => {
    const final = new Uint32Array(rows.count).fill(nobody);
    for (const [k, quantum] of quantumRows[t].entries()) final[quantum] = first[t] + k;
    return final;
  });
}

function edges(
  parts: MemoryParts,
  side: 'input' | 'output',
  tasks: readonly TaskRows[],
  quantumRows: readonly Uint32Array[],
  connections: (rows: TaskRows) => readonly ConnectionEdges[],
  finalOf: ReadonlyMap<TypeRows, Uint32Array>,
  quantumCount: number,
): void {
  let capacity = 0;
  for (const rows of tasks) for (const connection of connections(rows)) capacity += connection.edges.items.length;
  const offsets = new Uint32Array(quantumCount + 1);
  const datasets = new Uint32Array(capacity);
  const names = new Uint8Array(capacity);
  let [at, final] = [0, 0];
  for (const [t, rows] of tasks.entries()) {
    const list = connections(rows).map(({ type, edges: csr }) => ({
      ...csr,
      alive: type.alive,
      finalOf: finalOf.get(type) as Uint32Array,
    }));
    for (const quantum of quantumRows[t]) {
      for (const [c, one] of list.entries()) {
        const start = at;
        for (let i = one.offsets[quantum]; i < one.offsets[quantum + 1]; i++) {
          const dataset = one.items[i];
          if (dataset === noEdge || !one.alive[dataset]) continue;
          datasets[at] = one.finalOf[dataset];
          names[at++] = c;
        }
        if (at - start > 1) datasets.subarray(start, at).sort();
      }
      offsets[++final] = at;
    }
  }
  parts.columns.set(`${side}/offsets`, offsets);
  parts.columns.set(`${side}/datasets`, datasets.slice(0, at));
  parts.columns.set(`${side}/connections`, names.slice(0, at));
}

/** Ids, runs and files of the existing datasets of the graph: one question for all files. */
async function existingParts(
  context: BuildContext,
  parts: MemoryParts,
  oldExisting: Uint32Array,
  producer: Uint32Array,
) {
  const { existing, source } = context;
  const dataset = new Uint32Array(oldExisting.length);
  const picked: number[] = [];
  for (let row = 0; row < oldExisting.length; row++) {
    if (oldExisting[row] === 0) continue;
    picked.push(row);
    dataset[row] = picked.length;
  }
  const runs = new Map<string, number>();
  const ids = new Uint8Array(16 * picked.length);
  const runCodes = new Uint32Array(picked.length);
  const idTexts = picked.map((row) => existing.ids[oldExisting[row] - 1]);
  for (const [k, row] of picked.entries()) {
    ids.set(Buffer.from(uuidHex(idTexts[k]), 'hex'), 16 * k);
    runCodes[k] = code(runs, existing.runs[oldExisting[row] - 1]);
  }
  // A dataset that a quantum of this graph will make again has no file worth reading.
  const readable = picked.map((row) => producer[row] === nobody);
  const fetched = await source.files(idTexts.filter((_, k) => readable[k]));
  const fileOffsets = new Uint32Array(picked.length + 1);
  const files: FileRecord[] = [];
  let next = 0;
  for (let k = 0; k < picked.length; k++) {
    if (readable[k]) files.push(...fetched[next++]);
    fileOffsets[k + 1] = files.length;
  }
  const formatters = new Map<string, number>();
  const storageClasses = new Map<string, number>();
  const components = new Map<string | null, number>();
  parts.columns.set('dataset/existing', dataset);
  parts.columns.set('existing/ids', ids);
  parts.columns.set('existing/runs', runCodes);
  parts.columns.set('existing/fileOffsets', fileOffsets);
  parts.columns.set(
    'file/sizes',
    Float64Array.from(files, (file) => file.sizeBytes),
  );
  parts.columns.set(
    'file/formatters',
    Uint32Array.from(files, (file) => code(formatters, file.formatter)),
  );
  parts.columns.set(
    'file/storageClasses',
    Uint32Array.from(files, (file) => code(storageClasses, file.storageClass)),
  );
  parts.columns.set(
    'file/components',
    Uint32Array.from(files, (file) => code(components, file.component)),
  );
  parts.texts.set('file/paths', encodeText(files.map((file) => file.path)));
  parts.texts.set('file/checksums', encodeText(files.map((file) => file.checksum ?? '')));
  return {
    existingCount: picked.length,
    runs: [...runs.keys()],
    formatters: [...formatters.keys()],
    storageClasses: [...storageClasses.keys()],
    components: [...components.keys()],
  };
}

function code<T>(codes: Map<T, number>, value: T): number {
  let found = codes.get(value);
  if (found === undefined) {
    found = codes.size;
    codes.set(value, found);
  }
  return found;
}
