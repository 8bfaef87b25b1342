// SPDX-License-Identifier: BSD-3-Clause
import {
  type DataId,
  type DataIdValue,
  type DatasetColumns,
  type DimensionGroup,
  formatTimespan,
} from '../../butler/index.ts';
import { type Connection, splitComponent } from '../../pipeline/index.ts';
import { csrFromPairs } from '../columns/csr.ts';
import { groupRows, take } from '../columns/group.ts';
import { Link, noRow } from '../columns/link.ts';
import { calibrationPairs } from './calibrations.ts';
import { type BuildContext, newType } from './candidates.ts';
import type { RecordTables } from './records.ts';
import { boundsOf, isSpatial, matched, type Pairs, relatedPairs } from './related.ts';
import type { DatasetRequest } from './source.ts';
import { type CodedRows, existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';

/** Looks up every prerequisite of a task for all its quanta at once and adds the edges. */
export async function findPrerequisites(context: BuildContext, rows: TaskRows, records: RecordTables): Promise<void> {
  for (const [name, connection] of Object.entries(rows.task.declaration.connections)) {
    if (connection.kind !== 'prerequisite') continue;
    const type = prerequisiteType(context, connection);
    const none = { link: Link.map(new Uint32Array(0)), found: undefined };
    const { relation } = rows;
    const { link, found } =
      relation.count === 0 ? none : await lookUp(context, relation, rows, name, connection, type, records);
    const count = linkedRows(link, relation.count);
    const short = (connection.minimum ?? 1) > 0 && count < relation.count;
    const hint = short && found !== undefined ? await whatThereIs(context, type, found) : undefined;
    rows.inputs.push({ name, connection, type, link, hint });
    context.steps.done('prerequisites', `${type.name} for ${rows.label}`, count, relation.count);
  }
}

/** How many quanta have at least one. */
function linkedRows(link: Link, rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row++)
    if (link.end(row) > link.begin(row) && link.at(link.begin(row)) !== noRow) count++;
  return count;
}

/** What there is of a prerequisite that quanta lack: elsewhere, for other data IDs, or at other times. One question at most. */
async function whatThereIs(
  { source, inputs, request }: BuildContext,
  { name, relation: { group } }: TypeRows,
  found: DatasetColumns,
): Promise<string> {
  if (found.rows === 0) {
    const having = [{ datasetType: name, collections: inputs }];
    return (await source.explain({ dimensions: group.names, dataId: governorsOf(request.dataId, group), having })).join(
      ' ',
    );
  }
  const { timespans = [] } = found;
  if (!timespans.some((span) => span !== null)) return `There are ${found.rows} ${name} for other data IDs.`;
  const order = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
  const begins = timespans.map((span) => span?.beginNs);
  const ends = timespans.map((span) => span?.endNs);
  const whole = {
    beginNs: begins.includes(undefined) ? undefined : (begins as bigint[]).toSorted(order)[0],
    endNs: ends.includes(undefined) ? undefined : (ends as bigint[]).toSorted(order).at(-1),
  };
  return `The ${found.rows} ${name} there are hold within ${formatTimespan(whole)}.`;
}

/** The fixed values that a dataset type has dimensions for. */
function governorsOf(dataId: DataId | undefined, group: DimensionGroup): DataId {
  return Object.fromEntries(Object.entries(dataId ?? {}).filter(([name]) => group.has(name)));
}

function prerequisiteType(context: BuildContext, connection: Connection): TypeRows {
  const { parent } = splitComponent(connection.datasetType);
  let type = context.types.get(parent);
  if (type === undefined) {
    const declared = context.pipeline.datasetTypes.get(parent);
    if (declared === undefined) throw new Error(`prerequisite ${parent} is of no dataset type`);
    const group = context.source.universe.conform(declared.dimensions);
    const codes = Object.fromEntries(group.names.map((dimension) => [dimension, new Uint32Array(0)]));
    type = newType(declared, { group, count: 0, codes });
    context.types.set(parent, type);
  }
  return type;
}

async function lookUp(
  context: BuildContext,
  rows: Relation,
  task: TaskRows,
  name: string,
  connection: Connection,
  type: TypeRows,
  records: RecordTables,
): Promise<{ link: Link; found: DatasetColumns }> {
  const { source, dictionaries, inputs } = context;
  const { group } = type.relation;
  const request = { datasetType: type.name, dimensions: group.required, collections: inputs };
  let found: DatasetColumns;
  let pairs: Pairs;
  if (context.python?.looksUp(task, name)) {
    ({ found, pairs } = await context.python.lookUp(task, name, type, records));
  } else if (type.declared.isCalibration || connection.isCalibration) {
    const calibrations = await source.calibrations(request);
    found = calibrations;
    pairs = calibrationPairs(context, task, connection, type, calibrations, dictionaries.encode(found), records);
  } else if (group.required.every((dimension) => rows.group.has(dimension))) {
    // One dataset a quantum at most, by the quantum's own (required or implied) values.
    const dimensions = group.required;
    const { of, first } = groupRows(dictionaries.keys(rows, dimensions), rows.count);
    const wanted = {
      count: first.length,
      codes: Object.fromEntries(dimensions.map((d) => [d, take(rows.codes[d], first)])),
    };
    const within = dimensions.length === 0 ? undefined : dictionaries.decode(wanted, dimensions);
    found = await allOf(source.datasets({ ...request, within }), request);
    const datasetOf = matched(context, dictionaries.encode(found), wanted, dimensions);
    pairs = collect(rows.count, (quantum) => datasetOf[of[quantum]]);
  } else if (group.skypix.length > 0 && !isSpatial(rows.group) && boundsOf(task, 'spatialBounds').length === 0) {
    // The quantum is nowhere on the sky: it gets the whole catalogue.
    found = await allOf(source.datasets(request), request);
    pairs = everything(rows.count, found.rows);
  } else {
    const fetch = (wanted: CodedRows) =>
      allOf(source.datasets({ ...request, within: dictionaries.decode(wanted, group.required) }), request);
    ({ found, pairs } = await relatedPairs(context, task, group, fetch));
  }
  const datasets = appendDatasets(context, type, found, pairs.datasets);
  return { link: linkOf(pairs.quanta, take(datasets, pairs.datasets), rows.count), found };
}

/** All batches as one table. */
async function allOf(batches: AsyncIterable<DatasetColumns>, request: DatasetRequest): Promise<DatasetColumns> {
  const { datasetType, dimensions } = request;
  const columns: Record<string, DataIdValue[]> = Object.fromEntries(dimensions.map((name) => [name, []]));
  const [ids, runs]: [string[], string[]] = [[], []];
  for await (const batch of batches) {
    for (let row = 0; row < batch.rows; row++) {
      for (const name of dimensions) columns[name].push(batch.columns[name][row]);
      ids.push(batch.ids[row]);
      runs.push(batch.runs[row]);
    }
  }
  return { rows: ids.length, dimensions, columns, datasetType, ids, runs };
}

/** A map where each quantum has at most one dataset, else lists. */
function linkOf(quanta: Uint32Array, datasets: Uint32Array, count: number): Link {
  const { offsets, items } = csrFromPairs(quanta, datasets, count);
  let most = 0;
  for (let quantum = 0; quantum < count; quantum++) most = Math.max(most, offsets[quantum + 1] - offsets[quantum]);
  if (most > 1) return Link.lists(offsets, items);
  const map = new Uint32Array(count).fill(noRow);
  for (let i = 0; i < quanta.length; i++) map[quanta[i]] = datasets[i];
  return Link.map(map);
}

function everything(quanta: number, datasets: number): Pairs {
  const total = quanta * datasets;
  return {
    quanta: Uint32Array.from({ length: total }, (_, i) => Math.floor(i / datasets)),
    datasets: Uint32Array.from({ length: total }, (_, i) => i % datasets),
  };
}

function collect(count: number, datasetOf: (quantum: number) => number): Pairs {
  const quanta: number[] = [];
  const datasets: number[] = [];
  for (let quantum = 0; quantum < count; quantum++) {
    const dataset = datasetOf(quantum);
    if (dataset < 0) continue;
    quanta.push(quantum);
    datasets.push(dataset);
  }
  return { quanta: Uint32Array.from(quanta), datasets: Uint32Array.from(datasets) };
}

/** Adds those fetched datasets that are used to the type's rows; those known already keep their row. Returns the row of each. */
function appendDatasets(context: BuildContext, type: TypeRows, found: DatasetColumns, used: Uint32Array): Uint32Array {
  const { existing, dictionaries } = context;
  const { relation } = type;
  const coded = dictionaries.encode(found);
  const known = new Map<string, number>();
  for (let row = 0; row < relation.count; row++) {
    const at = existingAt(type, row);
    if (at > 0) known.set(existing.id(at - 1), row);
  }
  const rowOf = new Uint32Array(found.rows);
  const seen = new Uint8Array(found.rows);
  const fresh: number[] = [];
  const existingOf: number[] = [];
  for (const i of used) {
    if (seen[i] === 1) continue;
    seen[i] = 1;
    let row = known.get(found.ids[i]);
    if (row === undefined) {
      row = relation.count + fresh.length;
      known.set(found.ids[i], row);
      fresh.push(i);
      existingOf.push(existing.add(found.ids[i], found.runs[i]) + 1);
    }
    rowOf[i] = row;
  }
  if (fresh.length === 0) return rowOf;
  const picked = Uint32Array.from(fresh);
  const codes: Record<string, Uint32Array> = {};
  for (const dimension of relation.group.names) {
    if (coded.codes[dimension] !== undefined && relation.codes[dimension] !== undefined)
      codes[dimension] = joined(relation.codes[dimension], take(coded.codes[dimension], picked));
  }
  // A relation of its own from now on: others that share the old one do not have these rows.
  type.relation = { group: relation.group, count: relation.count + fresh.length, codes };
  type.existing = joined(type.existing ?? new Uint32Array(relation.count), Uint32Array.from(existingOf));
  const alive = new Uint8Array(type.relation.count).fill(1, relation.count);
  alive.set(type.alive);
  type.alive = alive;
  return rowOf;
}

function joined(a: Uint32Array, b: Uint32Array): Uint32Array {
  const both = new Uint32Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
