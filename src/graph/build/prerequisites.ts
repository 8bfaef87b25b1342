// SPDX-License-Identifier: BSD-3-Clause
import { type DataId, type DimensionGroup, formatTimespan, type Timespan } from '../../butler/index.ts';
import { type Connection, splitComponent } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { PagedColumn } from '../paged/column.ts';
import { gather } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import { PagedLink } from '../paged/link.ts';
import { listsOf } from '../paged/lists.ts';
import type { PagePool } from '../paged/pool.ts';
import { calibrationPairs } from './calibrations.ts';
import { type BuildContext, newType } from './candidates.ts';
import { type FoundDatasets, keepCalibrations, keepFound } from './found.ts';
import { IdTable } from './id-table.ts';
import type { RecordTables } from './records.ts';
import { boundsOf, isSpatial, matched, type Pairs, relatedPairs } from './related.ts';
import { stack } from './sky-pixels.ts';
import { type CodedRows, existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';

/** Looks up every prerequisite of a task for all its quanta at once and adds the edges. */
export async function findPrerequisites(context: BuildContext, rows: TaskRows, records: RecordTables): Promise<void> {
  for (const [name, connection] of Object.entries(rows.task.declaration.connections)) {
    if (connection.kind !== 'prerequisite') continue;
    const type = prerequisiteType(context, connection);
    const none = { link: PagedLink.map(new PagedColumn(context.pool)), found: undefined };
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
function linkedRows(link: PagedLink, rows: number): number {
  let count = 0;
  for (let row = 0; row < rows; row++)
    if (link.end(row) > link.begin(row) && link.at(link.begin(row)) !== noRow) count++;
  return count;
}

/** What there is of a prerequisite that quanta lack: elsewhere, for other data IDs, or at other times. One question at most. */
async function whatThereIs(
  { source, inputs, request }: BuildContext,
  { name, relation: { group } }: TypeRows,
  found: FoundDatasets & { timespans?: readonly (Timespan | null)[] },
): Promise<string> {
  if (found.count === 0) {
    const having = [{ datasetType: name, collections: inputs }];
    return (await source.explain({ dimensions: group.names, dataId: governorsOf(request.dataId, group), having })).join(
      ' ',
    );
  }
  const { timespans = [] } = found;
  if (!timespans.some((span) => span !== null)) return `There are ${found.count} ${name} for other data IDs.`;
  const order = (a: bigint, b: bigint) => (a < b ? -1 : Number(a > b));
  const begins = timespans.map((span) => span?.beginNs);
  const ends = timespans.map((span) => span?.endNs);
  const whole = {
    beginNs: begins.includes(undefined) ? undefined : (begins as bigint[]).toSorted(order)[0],
    endNs: ends.includes(undefined) ? undefined : (ends as bigint[]).toSorted(order).at(-1),
  };
  return `The ${found.count} ${name} there are hold within ${formatTimespan(whole)}.`;
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
    const codes = Object.fromEntries(group.names.map((dimension) => [dimension, new PagedColumn(context.pool)]));
    type = newType(context.pool, declared, { group, count: 0, codes });
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
): Promise<{ link: PagedLink; found: FoundDatasets }> {
  const { source, dictionaries, inputs, pool } = context;
  const { group } = type.relation;
  const dimensions = group.required;
  const request = { datasetType: type.name, dimensions, collections: inputs };
  let found: FoundDatasets;
  let pairs: Pairs;
  if (context.python?.looksUp(task, name)) {
    ({ found, pairs } = await context.python.lookUp(task, name, type, records));
  } else if (type.declared.isCalibration || connection.isCalibration) {
    const calibrations = await keepCalibrations(context, await source.calibrations(request));
    found = calibrations;
    pairs = calibrationPairs(context, task, connection, type, calibrations, records);
  } else if (dimensions.every((dimension) => rows.group.has(dimension))) {
    // One dataset a quantum at most, by the quantum's own (required or implied) values.
    const { of, first, count } = groupPaged(pool, dictionaries.keys(rows, dimensions), rows.count);
    const own = Object.fromEntries(dimensions.map((name) => [name, rows.codes[name]]));
    const wanted: CodedRows = { count, codes: gather(pool, own, first) };
    const within = dimensions.length === 0 ? undefined : dictionaries.decode(wanted, dimensions);
    found = await keepFound(context, source.datasets({ ...request, within }), dimensions);
    const datasetOf = matched(context, found, wanted, dimensions);
    pairs = { quanta: new PagedColumn(pool), datasets: new PagedColumn(pool) };
    for (let quantum = 0; quantum < rows.count; quantum++) {
      const dataset = datasetOf.at(of.at(quantum));
      if (dataset === noRow) continue;
      pairs.quanta.push(quantum);
      pairs.datasets.push(dataset);
    }
    for (const column of [of, first, datasetOf]) column.free();
  } else if (group.skypix.length > 0 && !isSpatial(rows.group) && boundsOf(task, 'spatialBounds').length === 0) {
    // The quantum is nowhere on the sky: it gets the whole catalogue.
    found = await keepFound(context, source.datasets(request), dimensions);
    pairs = everything(pool, rows.count, found.count);
  } else {
    const fetch = (wanted: CodedRows) =>
      keepFound(context, source.datasets({ ...request, within: dictionaries.decode(wanted, dimensions) }), dimensions);
    ({ found, pairs } = await relatedPairs(context, task, group, fetch));
  }
  appendDatasets(context, type, found, pairs.datasets);
  const link = linkOf(pool, pairs, rows.count);
  pairs.quanta.free();
  pairs.datasets.free();
  return { link, found };
}

/** A map where each quantum has at most one dataset, else lists. Pairs are in the order of quanta. */
function linkOf(pool: PagePool, { quanta, datasets }: Pairs, count: number): PagedLink {
  for (let i = 1; i < quanta.length; i++)
    if (quanta.at(i) === quanta.at(i - 1))
      return PagedLink.lists(listsOf(pool, { from: quanta, to: datasets }, count, { inOrder: true }));
  const map = new PagedColumn(pool);
  for (let i = 0; i < quanta.length; i++) {
    while (map.length < quanta.at(i)) map.push(noRow);
    map.push(datasets.at(i));
  }
  while (map.length < count) map.push(noRow);
  return PagedLink.map(map);
}

function everything(pool: PagePool, quanta: number, datasets: number): Pairs {
  const pairs = { quanta: new PagedColumn(pool), datasets: new PagedColumn(pool) };
  for (let quantum = 0; quantum < quanta; quantum++) {
    for (let dataset = 0; dataset < datasets; dataset++) {
      pairs.quanta.push(quantum);
      pairs.datasets.push(dataset);
    }
  }
  return pairs;
}

/**
 * Adds those fetched datasets that are used to the type's rows; those known already keep their row. What pairs name becomes the row of
 * the type instead of the place among the fetched ones.
 */
function appendDatasets(context: BuildContext, type: TypeRows, found: FoundDatasets, used: PagedColumn): void {
  const { existing, pool } = context;
  const { relation } = type;
  const known = new IdTable(existing);
  for (let row = 0; row < relation.count; row++) {
    const at = existingAt(type, row);
    if (at > 0) known.add(at - 1, row);
  }
  const rowOf = PagedColumn.filled(pool, found.count, noRow);
  const fresh = new PagedColumn(pool);
  for (let i = 0; i < used.length; i++) {
    const dataset = used.at(i);
    let row = rowOf.at(dataset);
    if (row === noRow) {
      row = known.add(found.firstExisting + dataset, relation.count + fresh.length);
      if (row === relation.count + fresh.length) fresh.push(dataset);
      rowOf.set(dataset, row);
    }
    used.set(i, row);
  }
  if (fresh.length > 0) {
    const names = relation.group.names.filter(
      (name) => found.codes[name] !== undefined && relation.codes[name] !== undefined,
    );
    const added = gather(pool, Object.fromEntries(names.map((name) => [name, found.codes[name]])), fresh);
    // A relation of its own from now on: others that share the old one do not have these rows.
    const codes = Object.fromEntries(names.map((name) => [name, stack(pool, [relation.codes[name], added[name]])]));
    const numbers = type.existing ?? PagedColumn.filled(pool, relation.count);
    for (let k = 0; k < fresh.length; k++) numbers.push(found.firstExisting + fresh.at(k) + 1);
    type.relation = { group: relation.group, count: relation.count + fresh.length, codes };
    type.existing = numbers;
    const alive = type.alive.widened(type.relation.count);
    for (let row = relation.count; row < alive.size; row++) alive.add(row);
    type.alive = alive;
    for (const column of Object.values(added)) column.free();
  }
  for (const column of [rowOf, fresh, ...Object.values(found.codes)]) column.free();
}
