// SPDX-License-Identifier: BSD-3-Clause
import { type DimensionElement, keyColumn } from '../../dimensions/element.ts';
import type { DimensionUniverse } from '../../dimensions/universe.ts';
import type { Dialect } from '../../registry/database.ts';
import type { DimensionGroup } from '../../types.ts';
import type { Column } from '../predicate/types.ts';
import { join, raw, type Sql, sql } from './fragment.ts';
import type { ColumnSource } from './predicate.ts';
import { type Spelling, spellingOf } from './spelling.ts';

/**
 * The FROM clause as it grows: sources with dimension columns, all equal on the dimensions they share. The first source of a
 * dimension gives its column; values known to be fixed are stated for every source, so that any of them can be looked up by index.
 */
export class FromClause implements ColumnSource {
  readonly universe: DimensionUniverse;
  readonly spelling: Spelling;
  readonly #quote: (identifier: string) => string;
  readonly #sources: Sql[] = [];
  readonly #leading: Sql[] = [];
  readonly #conditions: Sql[] = [];
  readonly #dimensions = new Map<string, Sql[]>();
  readonly #elements = new Map<string, string>();
  readonly #datasets = new Map<string, { alias: string; columns: ReadonlySet<string> }>();
  /** Dimensions whose rows are known to exist, because a source refers to their tables. */
  readonly #vouched = new Set<string>();

  constructor(universe: DimensionUniverse, dialect: Dialect) {
    this.universe = universe;
    this.spelling = spellingOf(dialect);
    this.#quote = dialect.quote;
  }

  /** Adds a source; `columns` says which of its columns holds which dimension. Returns its alias. */
  add(source: Sql, columns: ReadonlyMap<string, string>, vouches = true): string {
    const alias = `s${this.#sources.length + this.#leading.length}`;
    this.#sources.push(sql`${source} AS ${raw(alias)}`);
    for (const [dimension, column] of columns) {
      const own = this.#in(alias, column);
      const others = this.#dimensions.get(dimension);
      if (others === undefined) this.#dimensions.set(dimension, [own]);
      else {
        this.#conditions.push(sql`${own} = ${others[0]}`);
        others.push(own);
      }
      if (vouches) this.#vouched.add(dimension);
    }
    return alias;
  }

  /**
   * Adds rows that came with the query. They are walked first and the tables looked up from them: a bound table has no index,
   * so as an inner table it would be read once for each row of the others.
   */
  addBound(source: Sql, columns: ReadonlyMap<string, string>): void {
    this.add(source, columns, false);
    this.#leading.push(this.#sources.pop() as Sql);
  }

  /** Joins the table of an element (once), or for an element without one the distinct values where they are. */
  addElement(name: string): void {
    const element = this.universe.element(name);
    if (this.#elements.has(name)) return;
    if (element.viewOf !== undefined) {
      const column = raw(this.#quote(name));
      const values = sql`(SELECT DISTINCT ${column} FROM ${raw(this.#quote(element.viewOf))} WHERE ${column} IS NOT NULL)`;
      this.#elements.set(name, this.add(values, new Map([[name, name]])));
      return;
    }
    const columns = new Map([...element.required, ...element.implied].map((key) => [key, keyColumn(element, key)]));
    this.#elements.set(name, this.add(raw(this.#quote(name)), columns));
  }

  /** Adds the tables that relate or list the dimensions of the group, where no other source vouches for them yet. */
  addDimensions(group: DimensionGroup): void {
    for (const name of group.elements) {
      if (this.universe.element(name).alwaysJoin) this.addElement(name);
    }
    // Dependents come after what they depend on, so going backwards the most specific tables vouch for the others.
    for (const name of [...group.names].reverse()) {
      const element = this.universe.element(name);
      if (element.skypix !== undefined) continue;
      if (element.implied.length > 0 || !this.#vouched.has(name)) this.addElement(name);
    }
  }

  addDataset(datasetType: string, source: Sql, dimensions: DimensionGroup, columns: readonly string[]): string {
    const alias = this.add(source, new Map(dimensions.required.map((name) => [name, name])));
    this.#datasets.set(datasetType, { alias, columns: new Set(columns) });
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
    for (const column of this.#dimensions.get(dimension) ?? []) this.#conditions.push(sql`${column} = ${value}`);
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
    return this.#in(alias, column);
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

  /** `FROM … WHERE …`; of a query without sources, nothing. */
  toSql(): Sql {
    // CROSS JOIN keeps what is left of it on the outside (in SQLite; elsewhere it is a comma).
    const tables = [...this.#leading, ...(this.#sources.length === 0 ? [] : [join(this.#sources, ', ')])];
    const from = tables.length === 0 ? raw('') : sql` FROM ${join(tables, ' CROSS JOIN ')}`;
    return this.#conditions.length === 0 ? from : sql`${from} WHERE ${join(this.#conditions, ' AND ')}`;
  }

  #in(alias: string, column: string): Sql {
    return raw(`${alias}.${this.#quote(column)}`);
  }
}
