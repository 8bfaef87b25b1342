// SPDX-License-Identifier: BSD-3-Clause
import { noRow } from '../columns/link.ts';
import type { RowSet } from '../columns/row-set.ts';
import { type GraphEdges, type GraphIndex, type GraphLink, MemoryParts } from '../data.ts';
import { PagedColumn } from '../paged/column.ts';
import { Flags } from '../paged/flags.ts';
import type { PagedLink } from '../paged/link.ts';
import type { PagePool } from '../paged/pool.ts';
import type { GraphHeader } from '../quantum-graph.ts';
import type { BuildContext } from './candidates.ts';
import { type Kept, keepRows, keptFlags, keptLink, usedDatasets } from './compact.ts';
import { existingParts, type PickedExisting } from './existing-parts.ts';
import type { InitRows } from './init.ts';
import type { RecordTables } from './records.ts';
import { type ConnectionEdges, existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';
import { valueOrder } from './value-order.ts';

/** Puts what is left into the graph's columns: rows that nobody uses dropped, quanta and datasets numbered, links shared. */
export async function assemble(
  context: BuildContext,
  header: GraphHeader,
  graphId: string,
  tasks: readonly TaskRows[],
  init: InitRows,
  records: RecordTables,
): Promise<{ index: GraphIndex; parts: MemoryParts }> {
  const { pool } = context;
  const parts = new MemoryParts(pool);
  const types = [...context.types.values()];
  const used = usedDatasets(tasks, types);
  const kept = keepRows(pool, tasks, used, (relation, type, rows) => valueOrder(context, relation, type, rows));
  const relations = [...kept.keys()];
  const relationOf = (owner: { relation: Relation }): number => relations.indexOf(owner.relation);
  for (const [r, old] of relations.entries()) {
    const { codes } = (kept.get(old) as Kept).relation;
    for (const [name, column] of Object.entries(codes)) parts.paged(`relation/${r}/${name}`, column);
  }
  const links = new LinkList(pool, parts, kept, relations);
  const edgesOf = (rows: TaskRows, connections: readonly ConnectionEdges[]): GraphEdges[] =>
    connections.map(({ type, link }) => ({
      type: types.indexOf(type),
      link: links.add(link, rows.relation, type.relation),
    }));

  let quantumCount = 0;
  const taskEntries = tasks.map((rows, t) => {
    const chosen = keptFlags(rows.alive, kept.get(rows.relation) as Kept).rows();
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
  const picked: PickedExisting = { rows: new PagedColumn(pool), unreadable: new Flags(pool, context.existing.count) };
  const typeEntries = types.map((type, t) => {
    const { declared, relation } = type;
    const where = kept.get(relation) as Kept;
    const marks = used.get(type) as Flags;
    const chosen = keptFlags(marks, where).rows();
    if (chosen.bits !== undefined) parts.columns.set(`type/${t}/rows`, chosen.bits);
    const firstDataset = datasetCount;
    datasetCount += chosen.count;
    const firstExisting = picked.rows.length;
    const present = pickExisting(pool, picked, type, marks, where, chosen.count);
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
  const lists = await existingParts(context, parts, picked);

  for (const name of context.dictionaries.names) parts.dictionaries.set(name, context.dictionaries.of(name).values);
  for (const table of records.values()) {
    parts.recordLists.set(table.element, table.records);
    for (const [k, dimension] of table.dimensions.entries())
      parts.paged(`record/${table.element}/${dimension}`, table.keys[k]);
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
  readonly #pool: PagePool;
  readonly #parts: MemoryParts;
  readonly #kept: ReadonlyMap<Relation, Kept>;
  readonly #relations: readonly Relation[];
  readonly #known = new Map<PagedLink, { from: Relation; to: Relation; at: number }[]>();

  constructor(pool: PagePool, parts: MemoryParts, kept: ReadonlyMap<Relation, Kept>, relations: readonly Relation[]) {
    this.#pool = pool;
    this.#parts = parts;
    this.#kept = kept;
    this.#relations = relations;
  }

  add(link: PagedLink, from: Relation, to: Relation): number {
    const known = this.#known.get(link) ?? [];
    this.#known.set(link, known);
    const same = known.find((one) => one.from === from && one.to === to);
    if (same !== undefined) return same.at;
    const at = this.list.length;
    const final = keptLink(this.#pool, link, this.#kept.get(from) as Kept, this.#kept.get(to) as Kept, from === to);
    this.list.push({ from: this.#relations.indexOf(from), to: this.#relations.indexOf(to), kind: final.kind });
    if (final.items !== undefined) this.#parts.paged(`link/${at}/items`, final.items);
    if (final.offsets !== undefined) this.#parts.paged(`link/${at}/offsets`, final.offsets);
    known.push({ from, to, at });
    return at;
  }
}

/**
 * Adds the existing datasets of a type to those of the graph. Returns which of its datasets these are; undefined: none. A dataset that a
 * quantum of this graph will make again has no file worth reading.
 */
function pickExisting(
  pool: PagePool,
  picked: PickedExisting,
  type: TypeRows,
  marks: Flags,
  where: Kept,
  count: number,
): RowSet | undefined {
  if (type.existing === undefined) return undefined;
  const made = type.producer === undefined ? undefined : madeAgain(type, type.producer);
  const present = new Flags(pool, count);
  const before = picked.rows.length;
  let dataset = 0;
  for (let k = 0; k < where.relation.count; k++) {
    const row = where.picked === undefined ? k : where.picked.at(k);
    if (!marks.has(row)) continue;
    const at = existingAt(type, row);
    if (at > 0) {
      present.add(dataset);
      picked.rows.push(at - 1);
      if (made?.has(row)) picked.unreadable.add(at - 1);
    }
    dataset++;
  }
  made?.free();
  return picked.rows.length === before ? undefined : present.rows();
}

function madeAgain(type: TypeRows, { rows, link }: NonNullable<TypeRows['producer']>): Flags {
  const made = new Flags(type.alive.pool, type.relation.count);
  for (let quantum = 0; quantum < rows.relation.count; quantum++) {
    if (!rows.alive.has(quantum)) continue;
    for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++)
      if (link.at(i) !== noRow) made.add(link.at(i));
  }
  return made;
}
