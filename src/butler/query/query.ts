// SPDX-License-Identifier: BSD-3-Clause
import { formatUuid } from '../../base/index.ts';
import type { QueryApi } from '../contract.ts';
import { Coordinate, coordinateKey } from '../dimensions/coordinate.ts';
import { butlerErrors } from '../errors.ts';
import { RecordCodec } from '../registry/record-codec.ts';
import { fromStoredTimespan } from '../timespan.ts';
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
import type { QueryContext } from './context.ts';
import { queryErrors } from './errors.ts';
import { countRows, execute } from './execute.ts';
import { explainNoResults } from './explain.ts';
import { type PreparedQuery, prepare } from './prepare.ts';
import { datasetSearch } from './search.ts';
import type { DatasetSearch } from './sql/datasets.ts';
import { NEW_QUERY, type QueryState, type Target } from './state.ts';

interface DatasetOptions {
  readonly collections: readonly string[];
  readonly findFirst?: boolean;
  readonly withTimespans?: boolean;
}

/** Queries of a registry. Rows are read whole before the first one is given out: a query never holds the database open. */
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

  limit(n: number): Query {
    if (!Number.isSafeInteger(n) || n < 0) throw queryErrors.BAD_LIMIT({ limit: n });
    return this.#with({ limit: n });
  }

  async *dataIds(dimensions: readonly string[]): AsyncIterable<DataCoordinate> {
    const group = this.#context.universe.conform(dimensions);
    const { rows, columns } = await this.dataIdColumns(dimensions);
    const order = [...group.required, ...group.implied].map((name) => columns[name]);
    for (let i = 0; i < rows; i++)
      yield new Coordinate(
        group,
        order.map((column) => column[i]),
      );
  }

  async *dimensionRecords(element: string): AsyncIterable<DimensionRecord> {
    const { universe } = this.#context;
    const spec = universe.element(element);
    const target: Target = { kind: 'records', element, dimensions: universe.conform(spec.required) };
    if (spec.skypix !== undefined) throw queryErrors.NO_TABLE({ dimension: element });
    const codec = new RecordCodec(universe, spec);
    const records: DimensionRecord[] = [];
    const options = { bigints: true, recordColumns: codec.columns };
    await execute(
      this.#context,
      await prepare(this.#context, this.#state, target),
      (row, at) => records.push(codec.decode(row.slice(at, at + codec.columns.length))),
      options,
    );
    yield* records;
  }

  async *datasets(datasetType: string, options: DatasetOptions): AsyncIterable<DatasetRef> {
    const { type } = await this.#context.types.get(datasetType);
    const { rows, columns, ids, runs } = await this.datasetColumns(datasetType, options);
    const group = type.dimensions;
    const order = [...group.required, ...group.implied].map((name) => columns[name]);
    for (let i = 0; i < rows; i++) {
      yield {
        id: ids[i],
        datasetType: type,
        dataId: new Coordinate(
          group,
          order.map((column) => column[i]),
        ),
        run: runs[i],
      };
    }
  }

  async dataIdColumns(dimensions: readonly string[]): Promise<DataIdColumns> {
    const group = this.#context.universe.conform(dimensions);
    const columns = new Columns(group);
    await execute(this.#context, await this.#prepareDataIds(group), (row) => columns.push(row as DataIdValue[]));
    return columns.finish();
  }

  /**
   * Without `findFirst: false` only datasets of the first collection that has any for a data ID. With `withTimespans` nothing is left
   * out: every validity range of every collection comes, in the order of the collections, so that the first row that is valid at a time
   * is the one to use.
   */
  async datasetColumns(datasetType: string, options: DatasetOptions): Promise<DatasetColumns> {
    const findFirst = (options.findFirst ?? true) && options.withTimespans !== true;
    const search = await datasetSearch(this.#context, datasetType, options.collections, findFirst);
    const group = search.row.type.dimensions;
    const columns = new Columns(group);
    const ids: string[] = [];
    const runs: string[] = [];
    const timespans: Timespan[] = [];
    const withTimespans = options.withTimespans ?? false;
    if (search.collections.length > 0) {
      const target: Target = { kind: 'datasets', dimensions: group, search, findFirst, withTimespans };
      const prepared = await prepare(this.#context, this.#state, target);
      const assertOne = findFirst ? onlyOneValid(this.#context, prepared, search) : undefined;
      await execute(this.#context, prepared, (row, at) => {
        assertOne?.(row as DataIdValue[], row[at] as string);
        columns.push(row as DataIdValue[]);
        ids.push(formatUuid(row[at] as string));
        runs.push(row[at + 1] as string);
        if (withTimespans)
          timespans.push(fromStoredTimespan(BigInt(row[at + 2] as string), BigInt(row[at + 3] as string)));
      });
    }
    return { ...columns.finish(), datasetType, ids, runs, ...(withTimespans ? { timespans } : {}) };
  }

  async count(dimensions: readonly string[]): Promise<number> {
    return countRows(this.#context, await this.#prepareDataIds(this.#context.universe.conform(dimensions)));
  }

  explainNoResults(dimensions: readonly string[]): Promise<string[]> {
    return explainNoResults(this.#context, this.#state, this.#context.universe.conform(dimensions));
  }

  #prepareDataIds(dimensions: DimensionGroup): Promise<PreparedQuery> {
    return prepare(this.#context, this.#state, { kind: 'data ids', dimensions });
  }

  #with(change: Partial<QueryState>): Query {
    return new Query(this.#context, { ...this.#state, ...change });
  }
}

/** Without a time to choose by, a calibration with several validity ranges has no first one: that is refused, not answered with all. */
function onlyOneValid(
  { universe }: QueryContext,
  { dimensions }: PreparedQuery,
  { row: { type }, collections }: DatasetSearch,
): ((row: readonly DataIdValue[], id: string) => void) | undefined {
  const timed = dimensions.elements.some((name) => universe.element(name).temporalFamily !== undefined);
  const calibrations = collections.filter((collection) => collection.type === 'CALIBRATION');
  if (timed || calibrations.length === 0) return undefined;
  const { names, required } = type.dimensions;
  const seen = new Map<string, string>();
  return (row, id) => {
    const values = required.map((name) => row[names.indexOf(name)]);
    const key = coordinateKey(values);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, id);
    else if (first !== id) {
      throw butlerErrors.AMBIGUOUS_CALIBRATION({
        datasetType: type.name,
        dataId: new Coordinate(type.dimensions, values).toString(),
        collection: calibrations.map((collection) => collection.name).join(', '),
      });
    }
  };
}

/** Columns of data IDs as they grow. */
class Columns {
  readonly #group: DimensionGroup;
  readonly #columns: DataIdValue[][];
  #rows = 0;

  constructor(group: DimensionGroup) {
    this.#group = group;
    this.#columns = group.names.map(() => []);
  }

  push(row: readonly DataIdValue[]): void {
    for (let i = 0; i < this.#columns.length; i++) this.#columns[i].push(row[i]);
    this.#rows++;
  }

  finish(): DataIdColumns {
    const { names } = this.#group;
    return {
      rows: this.#rows,
      dimensions: names,
      columns: Object.fromEntries(names.map((name, i) => [name, this.#columns[i]])),
    };
  }
}
