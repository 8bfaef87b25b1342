// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DimensionRecord } from '../../butler/index.ts';
import type { QuantaAdjuster } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import type { RowFinder } from '../paged/finder.ts';
import type { BuildContext } from './candidates.ts';
import type { PruneLog } from './prune-log.ts';
import type { RecordTables } from './records.ts';
import { Regrouping } from './regrouping.ts';
import {
  type ConnectionEdges,
  existingAt,
  formatDataId,
  type Relation,
  type TaskRows,
  type TypeRows,
} from './tables.ts';

/** Lets a task regroup its quanta. What it does not touch keeps the columns it has. */
export function adjustAll(context: BuildContext, log: PruneLog, rows: TaskRows, records: RecordTables): void {
  const adjuster = new Adjuster(context, rows, records);
  rows.task.definition.adjustAll?.(adjuster, rows.task.declaration.config);
  adjuster.apply(log);
}

class Adjuster implements QuantaAdjuster {
  readonly #context: BuildContext;
  readonly #rows: TaskRows;
  readonly #records: RecordTables;
  readonly #changes: Regrouping;
  readonly #keys = new Map<Relation, RowFinder>();

  constructor(context: BuildContext, rows: TaskRows, records: RecordTables) {
    this.#context = context;
    this.#rows = rows;
    this.#records = records;
    this.#changes = new Regrouping(rows);
  }

  dataIds(): DataId[] {
    const { relation, alive } = this.#rows;
    const found: DataId[] = [];
    for (let row = 0; row < relation.count; row++)
      if (alive.has(row) && !this.#changes.isRemoved(row)) found.push(this.#dataId(relation, row));
    return found;
  }

  records(quantum: DataId): Record<string, DimensionRecord> {
    const row = this.#quantum(quantum);
    const { relation } = this.#rows;
    const found: Record<string, DimensionRecord> = {};
    for (const table of this.#records.values()) {
      if (!table.dimensions.every((name) => relation.group.has(name))) continue;
      const at = table.rowOf(table.dimensions.map((name) => relation.codes[name].at(row)));
      if (at !== undefined) found[table.element] = table.records[at];
    }
    return found;
  }

  inputs(quantum: DataId): Record<string, DataId[]> {
    return this.#named(quantum, this.#inputs('input'));
  }

  outputs(quantum: DataId): Record<string, DataId[]> {
    return this.#named(quantum, this.#rows.outputs);
  }

  prerequisites(quantum: DataId): Record<string, { id: string; dataId: DataId }[]> {
    const row = this.#quantum(quantum);
    const { existing } = this.#context;
    return Object.fromEntries(
      this.#inputs('prerequisite').map((edges) => [
        edges.name,
        this.#changes.list(edges, row).map((dataset) => ({
          id: existing.id(existingAt(edges.type, dataset) - 1),
          dataId: this.#dataId(edges.type.relation, dataset),
        })),
      ]),
    );
  }

  remove(quantum: DataId): void {
    this.#changes.remove(this.#quantum(quantum));
  }

  addInput(quantum: DataId, connection: string, dataset: DataId): void {
    const edges = this.#connection(this.#inputs('input'), connection);
    this.#changes.add(edges, this.#quantum(quantum), this.#dataset(edges.type, connection, dataset));
  }

  addPrerequisite(quantum: DataId, connection: string, id: string): void {
    const edges = this.#connection(this.#inputs('prerequisite'), connection);
    const { type } = edges;
    for (let row = 0; row < type.relation.count; row++) {
      const at = existingAt(type, row);
      if (at === 0 || this.#context.existing.id(at - 1) !== id) continue;
      this.#changes.add(edges, this.#quantum(quantum), row);
      return;
    }
    throw this.#unknown(`the prerequisite ${type.name} ${id}`);
  }

  moveOutput(quantum: DataId, connection: string, dataset: DataId): void {
    const edges = this.#connection(this.#rows.outputs, connection);
    const [to, moved] = [this.#quantum(quantum), this.#dataset(edges.type, connection, dataset)];
    for (let row = 0; row < this.#rows.relation.count; row++) {
      const list = this.#changes.list(edges, row);
      if (row !== to && list.includes(moved))
        this.#changes.set(
          edges,
          row,
          list.filter((one) => one !== moved),
        );
    }
    this.#changes.add(edges, to, moved);
  }

  apply(log: PruneLog): void {
    this.#changes.apply(log);
  }

  #inputs(kind: 'input' | 'prerequisite'): ConnectionEdges[] {
    return this.#rows.inputs.filter((edges) => edges.connection.kind === kind);
  }

  #connection(among: readonly ConnectionEdges[], name: string): ConnectionEdges {
    const found = among.find((edges) => edges.name === name);
    if (found === undefined) throw this.#unknown(`the connection "${name}"`);
    return found;
  }

  #named(quantum: DataId, among: readonly ConnectionEdges[]): Record<string, DataId[]> {
    const row = this.#quantum(quantum);
    return Object.fromEntries(
      among.map((edges) => [
        edges.name,
        this.#changes.list(edges, row).map((dataset) => this.#dataId(edges.type.relation, dataset)),
      ]),
    );
  }

  #quantum(dataId: DataId): number {
    const row = this.#find(this.#rows.relation, dataId);
    if (row === noRow || !this.#rows.alive.has(row)) throw this.#unknown(`a quantum (${formatDataId(dataId)})`);
    return row;
  }

  #dataset(type: TypeRows, connection: string, dataId: DataId): number {
    const row = this.#find(type.relation, dataId);
    if (row === noRow) throw this.#unknown(`the ${type.name} (${formatDataId(dataId)}) for ${connection}`);
    return row;
  }

  #find(relation: Relation, dataId: DataId): number {
    const { dictionaries } = this.#context;
    const names = relation.group.required;
    let index = this.#keys.get(relation);
    if (index === undefined) {
      index = dictionaries.finder(relation, names);
      this.#keys.set(relation, index);
    }
    const codes = names.map((name) =>
      dataId[name] === undefined ? noRow : dictionaries.of(name).lookUp([dataId[name]])[0],
    );
    return index.find((column) => codes[column]);
  }

  #dataId(relation: Relation, row: number): DataId {
    return this.#context.dictionaries.dataId(relation, row, relation.group.names);
  }

  #unknown(what: string) {
    return graphErrors.ADJUST_UNKNOWN({ label: this.#rows.label, what });
  }
}
