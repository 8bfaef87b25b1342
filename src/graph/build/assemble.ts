// SPDX-License-Identifier: BSD-3-Clause
import { type Link, noRow } from '../columns/link.ts';
import { RowSet } from '../columns/row-set.ts';
import { type GraphEdges, type GraphIndex, type GraphLink, MemoryParts } from '../data.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import type { BuildContext } from './candidates.ts';
import { type Kept, keepRows, keptExisting, keptFlags, keptLink, usedDatasets } from './compact.ts';
import { existingParts, type PickedExisting } from './existing-parts.ts';
import type { InitRows } from './init.ts';
import type { RecordTables } from './records.ts';
import { type ConnectionEdges, existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';

/** Puts what is left into the graph's columns: rows that nobody uses dropped, quanta and datasets numbered, links shared. */
export async function assemble(
  context: BuildContext,
  header: GraphHeader,
  graphId: string,
  tasks: readonly TaskRows[],
  init: InitRows,
  records: RecordTables,
): Promise<{ index: GraphIndex; parts: MemoryParts }> {
  const parts = new MemoryParts();
  const types = [...context.types.values()];
  const used = usedDatasets(tasks, types);
  const kept = keepRows(tasks, used, (relation, type) => valueOrder(context, relation, type));
  const relations = [...kept.keys()];
  const relationOf = (owner: { relation: Relation }): number => relations.indexOf(owner.relation);
  for (const [r, old] of relations.entries()) {
    const { codes } = (kept.get(old) as Kept).relation;
    for (const [name, column] of Object.entries(codes)) parts.columns.set(`relation/${r}/${name}`, column);
  }
  const links = new LinkList(parts, kept, relations);
  const edgesOf = (rows: TaskRows, connections: readonly ConnectionEdges[]): GraphEdges[] =>
    connections.map(({ type, link }) => ({
      type: types.indexOf(type),
      link: links.add(link, rows.relation, type.relation),
    }));

  let quantumCount = 0;
  const taskEntries = tasks.map((rows, t) => {
    const chosen = RowSet.of(keptFlags(rows.alive, kept.get(rows.relation) as Kept));
    if (chosen.bits !== undefined) parts.columns.set(`task/${t}/rows`, chosen.bits);
    const firstQuantum = quantumCount;
    quantumCount += chosen.count;
    return {
      declaration: rows.task.declaration,
      label: rows.label,
      firstQuantum,
      quantumCount: chosen.count,
      inputNames: rows.inputs.map((input) => input.name),
      outputNames: rows.outputs.map((output) => output.name),
      relation: relationOf(rows),
      whole: chosen.bits === undefined,
      inputs: edgesOf(rows, rows.inputs),
      outputs: edgesOf(rows, rows.outputs),
    };
  });

  let datasetCount = 0;
  const picked = new PickedList();
  const typeEntries = types.map((type, t) => {
    const { declared, relation } = type;
    const where = kept.get(relation) as Kept;
    const marks = used.get(type) as Uint8Array;
    const chosen = RowSet.of(keptFlags(marks, where));
    if (chosen.bits !== undefined) parts.columns.set(`type/${t}/rows`, chosen.bits);
    const firstDataset = datasetCount;
    datasetCount += chosen.count;
    const firstExisting = picked.count;
    const existing = keptExisting(type, marks, where);
    if (existing !== undefined) picked.add(existing, readable(type, where, marks));
    const present = existing === undefined ? undefined : RowSet.of(existing);
    if (present?.bits !== undefined) parts.columns.set(`type/${t}/existing`, present.bits);
    const task = type.producer === undefined ? -1 : tasks.indexOf(type.producer.rows);
    return {
      name: type.name,
      dimensions: relation.group.names,
      storageClass: declared.storageClass,
      isCalibration: declared.isCalibration,
      firstDataset,
      datasetCount: chosen.count,
      relation: relationOf(type),
      whole: chosen.bits === undefined,
      existing:
        present === undefined ? ('none' as const) : present.bits === undefined ? ('all' as const) : ('some' as const),
      firstExisting,
      producer:
        task < 0 ? undefined : { task, output: tasks[task].outputs.findIndex((output) => output.type === type) },
    };
  });
  const lists = await existingParts(context, parts, picked.columns());

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
  const entryOf = (name: string) => typeEntries[types.findIndex((type) => type.name === name)];
  const rowsOf = (list: readonly [string, string][] | undefined): Record<string, number> =>
    Object.fromEntries(
      (list ?? [])
        .filter(([, type]) => entryOf(type).datasetCount > 0)
        .map(([name, type]) => [name, entryOf(type).firstDataset]),
    );
  const index: GraphIndex = {
    id: graphId,
    header,
    relations: relations.map((old) => {
      const { group, count, codes } = (kept.get(old) as Kept).relation;
      return { names: group.names.filter((name) => codes[name] !== undefined), required: group.required, rows: count };
    }),
    links: links.list,
    tasks: taskEntries.map((task) => ({
      ...task,
      initInputs: task.quantumCount === 0 ? {} : rowsOf(init.inputs.get(task.label)),
      initOutputs: task.quantumCount === 0 ? {} : rowsOf(init.outputs.get(task.label)),
    })),
    datasetTypes: typeEntries,
    dimensions: context.dictionaries.names,
    records: [...records.values()].map(({ element, dimensions }) => ({ element, dimensions })),
    quantumCount,
    datasetCount,
    ...lists,
    report: context.report,
  };
  return { index, parts };
}

/** The links of the graph, each once. */
class LinkList {
  readonly list: GraphLink[] = [];
  readonly #parts: MemoryParts;
  readonly #kept: ReadonlyMap<Relation, Kept>;
  readonly #relations: readonly Relation[];
  readonly #known = new Map<Link, { from: Relation; to: Relation; at: number }[]>();

  constructor(parts: MemoryParts, kept: ReadonlyMap<Relation, Kept>, relations: readonly Relation[]) {
    this.#parts = parts;
    this.#kept = kept;
    this.#relations = relations;
  }

  add(link: Link, from: Relation, to: Relation): number {
    const known = this.#known.get(link) ?? [];
    this.#known.set(link, known);
    const same = known.find((one) => one.from === from && one.to === to);
    if (same !== undefined) return same.at;
    const at = this.list.length;
    const final = keptLink(link, this.#kept.get(from) as Kept, this.#kept.get(to) as Kept, from === to);
    this.list.push({ from: this.#relations.indexOf(from), to: this.#relations.indexOf(to), kind: final.kind });
    if (final.items !== undefined) this.#parts.columns.set(`link/${at}/items`, final.items);
    if (final.offsets !== undefined) this.#parts.columns.set(`link/${at}/offsets`, final.offsets);
    known.push({ from, to, at });
    return at;
  }
}

/** Existing datasets of the graph, type by type. */
class PickedList {
  count = 0;
  readonly #rows: Uint32Array[] = [];
  readonly #readable: Uint8Array[] = [];

  /** `existing` and `readable` have an entry a dataset; those that exist are numbered on. */
  add(existing: Uint32Array, isReadable: (dataset: number) => boolean): void {
    const rows = existing.filter((one) => one > 0);
    const flags = new Uint8Array(rows.length);
    let at = 0;
    for (let dataset = 0; dataset < existing.length; dataset++)
      if (existing[dataset] > 0) flags[at++] = isReadable(dataset) ? 1 : 0;
    this.#rows.push(rows.map((one) => one - 1));
    this.#readable.push(flags);
    this.count += rows.length;
  }

  columns(): PickedExisting {
    const picked = { rows: new Uint32Array(this.count), readable: new Uint8Array(this.count) };
    let at = 0;
    for (const [i, rows] of this.#rows.entries()) {
      picked.rows.set(rows, at);
      picked.readable.set(this.#readable[i], at);
      at += rows.length;
    }
    return picked;
  }
}

/** A dataset that a quantum of this graph will make again has no file worth reading. */
function readable(type: TypeRows, { picked }: Kept, marks: Uint8Array): (dataset: number) => boolean {
  const { producer } = type;
  if (producer === undefined) return () => true;
  const { rows, link } = producer;
  const made = new Uint8Array(type.relation.count);
  for (let quantum = 0; quantum < rows.relation.count; quantum++) {
    if (rows.alive[quantum] === 0) continue;
    for (let i = link.begin(quantum); i < link.end(quantum); i++) if (link.at(i) !== noRow) made[link.at(i)] = 1;
  }
  const datasets = [...(picked ?? marks.keys())].filter((row) => marks[row] === 1);
  return (dataset) => made[datasets[dataset]] === 0;
}

/** Datasets that only exist, and are the only users of their relation, come in the order of values, then of ids (calibrations have several of one data ID). */
function valueOrder(
  { dictionaries, existing }: BuildContext,
  relation: Relation,
  type: TypeRows | undefined,
): ((a: number, b: number) => number) | undefined {
  if (type === undefined || type.declared.producer !== undefined || type.declared.isInit) return undefined;
  const keys = relation.group.required.map((name) => ({
    ranks: dictionaries.of(name).ranks(),
    codes: relation.codes[name],
  }));
  return (a, b) => {
    for (const { ranks, codes } of keys) if (codes[a] !== codes[b]) return ranks[codes[a]] - ranks[codes[b]];
    const [one, other] = [existingAt(type, a), existingAt(type, b)];
    return one === 0 || other === 0 ? one - other : Buffer.compare(existing.bytes(one - 1), existing.bytes(other - 1));
  };
}
