// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import { Coordinate } from '../dimensions/coordinate.ts';
import { globMatcher } from '../registry/glob.ts';
import { RecordCodec } from '../registry/record-codec.ts';
import type {
  DataCoordinate,
  DataId,
  DataIdColumns,
  DataIdValue,
  DatasetColumns,
  DatasetRef,
  DimensionGroup,
  DimensionRecord,
  Timespan,
} from '../types.ts';
import type { CountOptions, DatasetColumnOptions, DatasetQueryOptions, QueryApi } from './api.ts';
import { columnRows, dataIdBatch, wholeDataIds, wholeDatasets } from './columns.ts';
import type { QueryContext } from './context.ts';
import { queryErrors } from './errors.ts';
import {
  countAtMost,
  countRows,
  type ExecuteOptions,
  hasRows,
  needsReader,
  openRows,
  type RowStream,
} from './execute.ts';
import { explainNoResults } from './explain/explain.ts';
import { generalTarget } from './general.ts';
import { ImpliedValues } from './implied.ts';
import { onlyOneValid } from './one-valid.ts';
import { outputReader } from './outputs.ts';
import type { Column } from './predicate/types.ts';
import { type PreparedQuery, prepare } from './prepare.ts';
import { datasetSearch, typesHeld } from './search.ts';
import type { DatasetSearch } from './sql/datasets.ts';
import type { DataIdOf, GeneralRow } from './standard-types.ts';
import { NEW_QUERY, type QueryState, type Target } from './state.ts';

/** Datasets in one batch. */
const datasetRows = 5000;

/** Queries of a registry. */
export class Query implements QueryApi {
  readonly #context: QueryContext;
  readonly #state: QueryState;

  constructor(context: QueryContext, state: QueryState = NEW_QUERY) {
    this.#context = context;
    this.#state = state;
  }

  where(expression: string | DataId, bind: Readonly<Record<string, unknown>> = {}): Query {
    const { wheres, dataIds } = this.#state;
    return typeof expression === 'string'
      ? this.#with({ wheres: [...wheres, { text: expression, bind }] })
      : this.#with({ dataIds: [...dataIds, expression] });
  }

  joinDatasets(datasetType: string, collections: readonly string[]): Query {
    return this.#with({ datasets: [...this.#state.datasets, { datasetType, collections }] });
  }

  joinDimensions(dimensions: readonly string[]): Query {
    return this.#with({ dimensions: [...this.#state.dimensions, ...dimensions] });
  }

  joinDataIds(table: DataIdColumns): Query {
    return this.#with({ tables: [...this.#state.tables, table] });
  }

  orderBy(...terms: string[]): Query {
    return this.#with({ order: [...this.#state.order, ...terms] });
  }

  limit(n: number, offset = 0): Query {
    for (const limit of [n, offset]) {
      if (!Number.isSafeInteger(limit) || limit < 0) throw queryErrors.BAD_LIMIT({ limit });
    }
    return this.#with({ limit: n, offset });
  }

  unchecked(): Query {
    return this.#with({ checked: false });
  }

  datasetTypes(collections: readonly string[]): Promise<string[]> {
    return typesHeld(this.#context, collections, false);
  }

  async *dataIds<const Names extends readonly string[]>(
    dimensions: Names,
  ): AsyncIterable<DataCoordinate<DataIdOf<Names[number]>>> {
    const group = this.#context.universe.conform(dimensions);
    const width = group.names.length;
    for await (const batch of (await this.#open(dataIdTarget(group))).batches) {
      for (const row of batch) {
        const values = row.length === width ? row : row.slice(0, width);
        yield new Coordinate(group, values as DataIdValue[]) as unknown as DataCoordinate<DataIdOf<Names[number]>>;
      }
    }
  }

  async *dataIdRows<const Names extends readonly string[]>(dimensions: Names): AsyncIterable<DataIdOf<Names[number]>> {
    const group = this.#context.universe.conform(dimensions);
    const { names } = group;
    const target = { dimensions: group, names, columns: [] };
    for await (const batch of (await this.#open(target)).batches) {
      for (const row of batch) {
        const out: Record<string, DataIdValue> = {};
        for (let i = 0; i < names.length; i++) out[names[i]] = row[i] as DataIdValue;
        yield out as DataIdOf<Names[number]>;
      }
    }
  }

  async *dimensionRecords(element: string): AsyncIterable<DimensionRecord> {
    const { universe } = this.#context;
    const spec = universe.element(element);
    const group = universe.conform(spec.required);
    if (spec.skypix !== undefined) throw queryErrors.NO_TABLE({ dimension: element });
    const codec = new RecordCodec(universe, spec);
    const record = { element, columns: codec.columns };
    const target: Target = { dimensions: group, names: group.required, columns: [], record };
    const { batches, recordAt } = await this.#open(target, { bigints: true });
    for await (const batch of batches) {
      for (const row of batch) yield codec.decode(row.slice(recordAt, recordAt + codec.columns.length));
    }
  }

  async *datasets(datasetType: string, options: DatasetQueryOptions): AsyncIterable<DatasetRef> {
    const whole = await this.#datasetTarget(datasetType, options);
    const { row, collections } = whole.search!;
    if (collections.length === 0) return;
    const { type } = row;
    // What is the same in many rows does not come with each of them: the name of the only run, and values that others imply.
    const run = collections.length === 1 && collections[0].type === 'RUN' ? collections[0].name : undefined;
    const implied =
      options.implied !== false && this.#mayAddImplied(whole)
        ? ImpliedValues.of(this.#context, type.dimensions)
        : undefined;
    const names = implied === undefined ? whole.names : type.dimensions.required;
    const target = { ...whole, names, columns: run === undefined ? whole.columns : whole.columns.slice(0, 1) };
    const width = names.length;
    const prepared = await this.#prepare(target);
    const assertOne = onlyOneValid(this.#context, prepared);
    const { batches } = await openRows(this.#context, prepared, { batchRows: datasetRows });
    for await (const batch of batches) {
      const added = await implied?.forRows(batch);
      for (let i = 0; i < batch.length; i++) {
        const row = batch[i];
        assertOne?.(row);
        const values = added?.[i];
        if (values === null) continue;
        yield {
          id: formatUuid(row[width] as string),
          datasetType: type,
          dataId: new Coordinate(
            type.dimensions,
            (values === undefined ? row.slice(0, width) : row) as DataIdValue[],
            values,
          ),
          run: run ?? (row[width + 1] as string),
        };
      }
    }
  }

  async *allDatasets(options: DatasetQueryOptions & { readonly types?: readonly string[] }): AsyncIterable<DatasetRef> {
    const matches = globMatcher(options.types);
    const held = await typesHeld(this.#context, options.collections, options.findFirst ?? true);
    let left = this.#state.limit ?? Number.POSITIVE_INFINITY;
    // The offset is of all types together.
    let skip = this.#state.offset;
    for (const name of held.filter(matches)) {
      const query = Number.isFinite(left) ? this.limit(left + skip) : this;
      for await (const ref of query.datasets(name, options)) {
        if (skip > 0) {
          skip--;
          continue;
        }
        left--;
        yield ref;
      }
      if (left <= 0) return;
    }
  }

  async *general<const Names extends readonly string[]>(
    columns: Names,
    options: { readonly findFirst?: string } = {},
  ): AsyncIterable<GeneralRow<Names[number]>> {
    const target = await generalTarget(this.#context, this.#state, columns, options.findFirst);
    const { batches, columnsAt } = await this.#open(target);
    const readers = target.columns.map((column, i) => outputReader(column, columnsAt[i]));
    for await (const batch of batches) {
      for (const row of batch) {
        const out: Record<string, unknown> = {};
        for (let i = 0; i < columns.length; i++) out[columns[i]] = readers[i](row);
        yield out as GeneralRow<Names[number]>;
      }
    }
  }

  async dataIdColumns(dimensions: readonly string[]): Promise<DataIdColumns> {
    return wholeDataIds(this.#context.universe.conform(dimensions).names, this.dataIdColumnBatches(dimensions));
  }

  async *dataIdColumnBatches(
    dimensions: readonly string[],
    options: { readonly implied?: boolean } = {},
  ): AsyncIterable<DataIdColumns> {
    const group = this.#context.universe.conform(dimensions);
    const names = options.implied === false ? group.required : group.names;
    const target = { dimensions: group, names, columns: [] };
    for await (const batch of (await this.#open(target, { batchRows: columnRows })).batches)
      yield dataIdBatch(names, batch);
  }

  /**
   * Without `findFirst: false` only datasets of the first collection that has any for a data ID. With `withTimespans` nothing is left
   * out: every validity range of every collection comes, in the order of the collections, so that the first row that is valid at a time
   * is the one to use.
   */
  async datasetColumns(datasetType: string, options: DatasetColumnOptions): Promise<DatasetColumns> {
    const search = await this.#columnSearch(datasetType, options);
    const { names } = search.row.type.dimensions;
    const batches = this.#columnBatches(search, options);
    return wholeDatasets(datasetType, names, batches, options.withTimespans === true);
  }

  async *datasetColumnBatches(datasetType: string, options: DatasetColumnOptions): AsyncIterable<DatasetColumns> {
    yield* this.#columnBatches(await this.#columnSearch(datasetType, options), options);
  }

  #columnSearch(
    datasetType: string,
    { collections, findFirst, withTimespans }: DatasetColumnOptions,
  ): Promise<DatasetSearch> {
    return datasetSearch(this.#context, datasetType, collections, (findFirst ?? true) && withTimespans !== true);
  }

  async *#columnBatches(search: DatasetSearch, options: DatasetColumnOptions): AsyncIterable<DatasetColumns> {
    if (search.collections.length === 0) return;
    const ranked = options.withTimespans === true;
    const findFirst = (options.findFirst ?? true) && !ranked;
    const datasetType = search.row.type.name;
    const group = search.row.type.dimensions;
    const { names } = group;
    // Where there is one run its name need not come with each row.
    const [{ name, type }] = search.collections;
    const only = search.collections.length === 1 && type === 'RUN' ? name : undefined;
    const [idField, runField] = datasetFields(datasetType);
    const timespanField = timespanOf(datasetType);
    const fields = [idField, ...(only === undefined ? [runField] : []), ...(ranked ? [timespanField] : [])];
    const first = findFirst ? { first: datasetType } : {};
    const target: Target = { dimensions: group, names, columns: fields, search, ranked, ...first };
    const { batches, columnsAt } = await this.#open(target, { batchRows: columnRows });
    const [id, run] = columnsAt;
    const timespan = ranked ? outputReader(timespanField, columnsAt[fields.length - 1]) : undefined;
    for await (const rows of batches) {
      yield {
        ...dataIdBatch(names, rows),
        datasetType,
        ids: rows.map((row) => formatUuid(row[id] as string)),
        runs: rows.map((row) => only ?? (row[run] as string)),
        ...(timespan === undefined ? {} : { timespans: rows.map((row) => timespan(row) as Timespan) }),
      };
    }
  }

  async count(dimensions: readonly string[], options: CountOptions = {}): Promise<number> {
    const group = this.#context.universe.conform(dimensions);
    return this.#count({ dimensions: group, names: group.names, columns: [] }, options);
  }

  async countDatasets(datasetType: string, options: DatasetQueryOptions & CountOptions): Promise<number> {
    const target = await this.#datasetTarget(datasetType, { ...options, implied: false });
    return target.search!.collections.length === 0 ? 0 : this.#count(target, options);
  }

  async any(dimensions: readonly string[]): Promise<boolean> {
    const group = this.#context.universe.conform(dimensions);
    return this.#any({ dimensions: group, names: group.names, columns: [] });
  }

  async anyDatasets(datasetType: string, options: DatasetQueryOptions): Promise<boolean> {
    const target = await this.#datasetTarget(datasetType, { ...options, findFirst: false, implied: false });
    return target.search!.collections.length > 0 && this.#any(target);
  }

  async materialize(
    dimensions: readonly string[],
    options: { readonly datasets?: readonly string[] } = {},
  ): Promise<Query> {
    const wanted = options.datasets ?? [];
    for (const name of wanted) {
      const joined = this.#state.datasets.some(({ datasetType }) => datasetType === name);
      if (!joined) throw queryErrors.NO_JOINED_DATASET({ datasetType: name });
    }
    const datasets = this.#state.datasets.filter(({ datasetType }) => wanted.includes(datasetType));
    const types = await Promise.all(wanted.map((name) => this.#context.types.get(name)));
    const all = [...dimensions, ...types.flatMap(({ type }) => type.dimensions.names)];
    const table = await this.dataIdColumns(all);
    return new Query(this.#context, { ...NEW_QUERY, datasets, dimensions: table.dimensions, tables: [table] });
  }

  explainNoResults(
    dimensions: readonly string[],
    datasets?: { readonly datasetType: string; readonly collections: readonly string[] },
  ): Promise<string[]> {
    const query = datasets === undefined ? this : this.joinDatasets(datasets.datasetType, datasets.collections);
    return explainNoResults(this.#context, query.#state, dimensions);
  }

  async #count(target: Target, { exact = true, discard = true }: CountOptions): Promise<number> {
    const query = await this.#prepare(target);
    if (!exact) return countAtMost(this.#context, query);
    if (!discard && (await needsReader(this.#context, query))) throw queryErrors.COUNT_NEEDS_ROWS(undefined);
    return countRows(this.#context, query);
  }

  async #any(target: Target): Promise<boolean> {
    const query = this.#with({ order: [], limit: Math.min(1, this.#state.limit ?? 1) });
    return hasRows(this.#context, await query.#prepare(target));
  }

  async #datasetTarget(datasetType: string, options: DatasetQueryOptions): Promise<Target> {
    const findFirst = options.findFirst ?? true;
    const search = await datasetSearch(this.#context, datasetType, options.collections, findFirst);
    const { dimensions } = search.row.type;
    const names = options.implied === false ? dimensions.required : [...dimensions.required, ...dimensions.implied];
    const first = findFirst ? { first: datasetType } : {};
    return { dimensions, names, columns: datasetFields(datasetType), search, ...first };
  }

  /** Rows of which each is one data ID, and none is counted. */
  #mayAddImplied({ search }: Target): boolean {
    const { limit, offset, order } = this.#state;
    const calibrations = search!.collections.some(({ type }) => type === 'CALIBRATION');
    return limit === undefined && offset === 0 && order.length === 0 && !calibrations;
  }

  async #open(target: Target, options: ExecuteOptions = {}): Promise<RowStream> {
    return openRows(this.#context, await this.#prepare(target), options);
  }

  #prepare(target: Target): Promise<PreparedQuery> {
    return prepare(this.#context, this.#state, target);
  }

  #with(change: Partial<QueryState>): Query {
    return new Query(this.#context, { ...this.#state, ...change });
  }
}

function dataIdTarget(group: DimensionGroup): Target {
  return { dimensions: group, names: [...group.required, ...group.implied], columns: [] };
}

function datasetFields(datasetType: string): Column[] {
  return [
    { kind: 'dataset', datasetType, field: 'dataset_id', type: 'uuid' },
    { kind: 'dataset', datasetType, field: 'run', type: 'string' },
  ];
}

function timespanOf(datasetType: string): Column {
  return { kind: 'dataset', datasetType, field: 'timespan', type: 'timespan' };
}
