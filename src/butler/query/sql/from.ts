// SPDX-License-Identifier: BSD-3-Clause
import { type DimensionElement, keyColumn } from '../../dimensions/element.ts';
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import type { Dialect } from '../../registry/database.ts';
import type { DataIdValue, DimensionGroup } from '../../types.ts';
import type { Column } from '../predicate/types.ts';
import { join, raw, type Sql, sql } from './fragment.ts';
import {
  datasetsSource,
  givenSource,
  type JoinSource,
  joinOrder,
  overlapSource,
  recordsSource,
  relationSource,
  typicalSize,
} from './join-order.ts';
import { type ColumnSource, keyType } from './predicate.ts';
import { type Spelling, spellingOf } from './spelling.ts';

/**
 * The FROM clause as it grows: sources with dimension columns, all equal on the dimensions they share. The first source of a
 * dimension gives its column; values known to be fixed are stated for every source, so that any of them can be looked up by index.
 */
export class FromClause implements ColumnSource {
  readonly universe: DimensionUniverse;
  readonly spelling: Spelling;
  readonly #dialect: Dialect;
  readonly #sources: { readonly sql: Sql; readonly join: JoinSource }[] = [];
  readonly #given: Sql[] = [];
  readonly #conditions: Sql[] = [];
  readonly #dimensions = new Map<string, Sql[]>();
  /** Aliases of datasets, with the dimensions that identify one. */
  readonly #datasetKeys = new Map<string, readonly string[]>();
  readonly #fixed = new Map<string, string | number>();
  readonly #elements = new Map<string, string>();
  readonly #datasets = new Map<string, { alias: string; columns: ReadonlySet<string> }>();
  /** Dimensions whose rows are known to exist, because a source refers to their tables. */
  readonly #vouched = new Set<string>();

  constructor(universe: DimensionUniverse, dialect: Dialect) {
    this.universe = universe;
    this.spelling = spellingOf(dialect);
    this.#dialect = dialect;
  }

  /** Adds a source; `columns` says which of its columns holds which dimension. Returns its alias. */
  add(source: Sql, columns: ReadonlyMap<string, string>, join: JoinSource, vouches = true): string {
    const alias = `s${this.#sources.length}`;
    this.#sources.push({ sql: sql`${source} AS ${raw(alias)}`, join });
    for (const [dimension, column] of columns) {
      const own = this.#in(alias, column);
      const others = this.#dimensions.get(dimension);
      if (others === undefined) this.#dimensions.set(dimension, [own]);
      else {
        // Equal to each of the others, so that whichever comes first can be looked up from.
        for (const other of others) {
          this.#conditions.push(this.spelling.likely(sql`${own} = ${other}`, 1 / typicalSize(dimension)));
        }
        others.push(own);
      }
      if (vouches) this.#vouched.add(dimension);
    }
    return alias;
  }

  /** Adds rows that were given with the query: their columns are these dimensions. */
  addGiven(rows: readonly (readonly DataIdValue[])[], dimensions: readonly string[]): void {
    const name = `given${this.#given.length}`;
    const columns = dimensions.map((_, i) => `c${i}`);
    const source = this.spelling.rowSource(
      rows,
      dimensions.map((dimension) => keyType(this.universe, dimension)),
    );
    this.#given.push(
      sql`${raw(`${name}(${columns.join(', ')})`)} AS ${this.spelling.materialized}(SELECT ${raw(columns.join(', '))} FROM ${source} AS k)`,
    );
    const map = new Map(dimensions.map((dimension, i) => [dimension, columns[i]]));
    this.add(raw(name), map, givenSource(dimensions, rows.length), false);
  }

  /** Adds the pixels of the common system that the regions of an element touch, under the name of a dimension. */
  addOverlap(element: string, pixel: string): void {
    const { required } = this.universe.element(element);
    const { system, level } = this.universe.commonSkypix;
    const columns = new Map([...required.map((name) => [name, name] as const), [pixel, 'skypix_index']]);
    const alias = raw(
      this.add(raw(this.#dialect.quote(`${element}_skypix_overlap`)), columns, overlapSource(required, pixel)),
    );
    // These columns are the same in all rows, though they lead two indexes.
    const { likely } = this.spelling;
    this.#conditions.push(
      likely(sql`${alias}.skypix_system = ${system}`, 1),
      likely(sql`${alias}.skypix_level = ${level}`, 1),
    );
  }

  /** Joins the table of an element (once), or for an element without one the distinct values where they are. */
  addElement(name: string): void {
    const element = this.universe.element(name);
    if (this.#elements.has(name)) return;
    if (element.viewOf !== undefined) {
      const column = raw(this.#dialect.quote(name));
      const values = sql`(SELECT DISTINCT ${column} FROM ${raw(this.#dialect.quote(element.viewOf))} WHERE ${column} IS NOT NULL)`;
      this.#elements.set(name, this.add(values, new Map([[name, name]]), recordsSource([name], [])));
      return;
    }
    const columns = new Map([...element.required, ...element.implied].map((key) => [key, keyColumn(element, key)]));
    const governors = new Set(element.required.filter((key) => this.universe.element(key).governor));
    const join = element.alwaysJoin
      ? relationSource(element.required, governors)
      : recordsSource(element.required, element.implied);
    this.#elements.set(name, this.add(raw(this.#dialect.quote(name)), columns, join));
  }

  /**
   * Adds the tables that relate or list the dimensions of the group, where no other source vouches for them yet, and those that
   * give the implied dimensions that are `needed`.
   */
  addDimensions(group: DimensionGroup, needed: Iterable<string>): void {
    for (const name of group.elements) {
      if (this.universe.element(name).alwaysJoin) this.addElement(name);
    }
    // Dependents come after what they depend on, so going backwards the most specific tables vouch for the others.
    const names = [...group.names].reverse().filter((name) => this.universe.element(name).skypix === undefined);
    const wanted = new Set([...needed, ...this.#dimensions.keys(), ...group.required]);
    for (let before = -1; before !== wanted.size; ) {
      before = wanted.size;
      for (const name of names)
        if (this.universe.element(name).implied.some((key) => wanted.has(key))) wanted.add(name);
    }
    for (const name of names) {
      if (!wanted.has(name)) continue;
      const { implied } = this.universe.element(name);
      if (implied.some((key) => wanted.has(key)) || !this.#vouched.has(name)) this.addElement(name);
    }
  }

  addDataset(datasetType: string, source: Sql, dimensions: DimensionGroup, columns: readonly string[]): string {
    const map = new Map(dimensions.required.map((name) => [name, name]));
    const alias = this.add(source, map, datasetsSource(dimensions.required));
    this.#datasets.set(datasetType, { alias, columns: new Set(columns) });
    this.#datasetKeys.set(alias, dimensions.required);
    return alias;
  }

  has(dimension: string): boolean {
    return this.#dimensions.has(dimension);
  }

  addCondition(condition: Sql): void {
    this.#conditions.push(condition);
  }

  /** States a dimension's one value for all sources that have it. */
  fix(dimension: string, value: string | number): void {
    this.#fixed.set(dimension, value);
  }

  dimension(name: string): Sql {
    const columns = this.#dimensions.get(name);
    if (columns === undefined) throw new TypeError(`dimension ${name} is in no source of the query`);
    return columns[0];
  }

  keys(element: string): Sql[] {
    return this.universe.element(element).required.map((name) => this.dimension(name));
  }

  /** A column of an element's table by its name there; the element must have been added. */
  field(element: DimensionElement, column: string): Sql {
    if (element.viewOf !== undefined) return this.dimension(element.name);
    const alias = this.#elements.get(element.name);
    if (alias === undefined) throw new TypeError(`element ${element.name} is not joined`);
    return raw(this.#dialect.column(alias, column));
  }

  datasetColumn(datasetType: string, column: string): Sql {
    const dataset = this.#datasets.get(datasetType);
    if (dataset === undefined || !dataset.columns.has(column))
      throw new TypeError(`${datasetType}.${column} is not joined`);
    return this.#in(dataset.alias, column);
  }

  column(column: Column): Sql {
    switch (column.kind) {
      case 'dimension':
        return this.dimension(column.dimension);
      case 'field':
        return this.field(this.universe.element(column.element), column.field);
      case 'dataset':
        return this.datasetColumn(column.datasetType, column.field);
      case 'bound':
        return this.timespan(column.of)[column.side];
    }
  }

  timespan(column: Column): { begin: Sql; end: Sql } {
    const side = (name: string): Sql =>
      column.kind === 'dataset'
        ? this.datasetColumn(column.datasetType, name)
        : this.field(this.universe.element((column as { element: string }).element), name);
    return { begin: side('timespan_begin'), end: side('timespan_end') };
  }

  /**
   * `FROM … WHERE …`, the sources nested in the best order; of a query without sources, nothing.
   * `valuesOf` says how many values of a dimension the query admits, if that is known.
   */
  toSql(valuesOf: (dimension: string) => number | undefined): Sql {
    const known = new Set([...this.#dimensions.keys()].filter((name) => valuesOf(name) === 1));
    const sizeOf = (name: string): number => Math.min(typicalSize(name), valuesOf(name) ?? Number.POSITIVE_INFINITY);
    const order = joinOrder(
      this.#sources.map(({ join }) => join),
      known,
      sizeOf,
    );
    const sources = order.map((i) => this.#sources[i].sql);
    // To SQLite CROSS JOIN means: in this order. To others it is a join like any, and they have statistics.
    const from = sources.length === 0 ? raw('') : sql` FROM ${join(sources, ' CROSS JOIN ')}`;
    const conditions = [...this.#conditions, ...this.#fixedConditions()];
    return conditions.length === 0 ? from : sql`${from} WHERE ${join(conditions, ' AND ')}`;
  }

  #fixedConditions(): Sql[] {
    return [...this.#fixed].flatMap(([dimension, value]) =>
      this.#dimensions.get(dimension)!.map((column) => {
        const keys = this.#datasetKeys.get(column.text.split('.')[0]);
        // All datasets of a collection may be of one instrument: reading them in the order of an index on it, not as they lie, is slow.
        const vague = keys?.every((key) => !this.#fixed.has(key) || this.universe.element(key).governor);
        const side = vague && keys!.length > 1 ? this.spelling.unindexed(column) : column;
        return this.spelling.likely(sql`${side} = ${value}`, 1 / typicalSize(dimension));
      }),
    );
  }

  /** `WITH …` for the rows given with the query; it goes in front of the statement. */
  prefix(): Sql {
    return this.#given.length === 0 ? raw('') : sql`WITH ${join(this.#given, ', ')} `;
  }

  #in(alias: string, column: string): Sql {
    return raw(`${alias}.${this.#dialect.quote(column)}`);
  }
}
