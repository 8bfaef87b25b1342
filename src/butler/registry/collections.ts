// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { CollectionInfo, CollectionType } from '../types.ts';
import type { Database, SqlValue } from './database.ts';
import { globMatcher } from './glob.ts';

const typeCodes: Record<CollectionType, number> = { RUN: 1, TAGGED: 2, CHAINED: 3, CALIBRATION: 4 };
const typeNames = new Map(Object.entries(typeCodes).map(([name, code]) => [code, name as CollectionType]));

export interface CollectionRow {
  id: number;
  name: string;
  type: CollectionType;
  doc: string;
}

/** The four kinds of collection, and chains. Nothing is cached: other processes change collections too. */
export class CollectionStore {
  readonly #db: Database;
  constructor(db: Database) {
    this.#db = db;
  }

  async all(): Promise<CollectionRow[]> {
    return this.#select('', []);
  }

  /** Rows of collections whose name matches a glob (`*` and `?`) and which are of a type; all without arguments. Ordered by name. */
  async list(globs?: readonly string[], types?: readonly CollectionType[]): Promise<CollectionInfo[]> {
    const matches = globMatcher(globs);
    const rows = (await this.all())
      .filter((row) => matches(row.name) && (types === undefined || types.includes(row.type)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const children = rows.some((row) => row.type === 'CHAINED') ? await this.#children() : new Map<number, string[]>();
    return rows.map((row) => toInfo(row, children));
  }

  async info(name: string): Promise<CollectionInfo> {
    const row = await this.get(name);
    return toInfo(row, row.type === 'CHAINED' ? await this.#children(row.id) : new Map());
  }

  async find(name: string): Promise<CollectionRow | undefined> {
    return (await this.#select('WHERE name = ?', [name]))[0];
  }

  /** As {@link find}; throws with a suggestion. `types`: what the caller can use. */
  async get(name: string, types?: readonly CollectionType[]): Promise<CollectionRow> {
    const row = await this.find(name);
    if (row === undefined) {
      const names = (await this.all()).map((other) => other.name);
      throw butlerErrors.NO_COLLECTION({ name, hint: didYouMean(name, names) });
    }
    if (types !== undefined && !types.includes(row.type)) {
      throw butlerErrors.COLLECTION_TYPE({ name, type: row.type, wanted: types.join(' or ') });
    }
    return row;
  }

  /** Creates the collection unless it exists with this type; returns whether it was made. */
  async register(name: string, type: CollectionType, doc?: string): Promise<boolean> {
    const insert = async (): Promise<boolean> => {
      const values = [name, typeCodes[type], doc ?? null];
      const made = await this.#db.insert('collection', ['name', 'type', 'doc'], [values], {
        conflict: 'ignore',
        keys: ['name'],
        serial: 'collection_id',
      });
      const row = await this.get(name);
      if (row.type !== type) throw butlerErrors.COLLECTION_TYPE({ name, type: row.type, wanted: type });
      if (made > 0 && type === 'RUN') await this.#db.insert('run', ['collection_id'], [[row.id]]);
      return made > 0;
    };
    return this.#db.transaction(insert, { repeatable: true });
  }

  async setDoc(name: string, doc: string): Promise<void> {
    const row = await this.get(name);
    await this.#db.run('UPDATE collection SET doc = ? WHERE collection_id = ?', [doc === '' ? null : doc, row.id]);
  }

  /** Removes collections; of RUN collections with all datasets, whose locations must have gone before. They may be in no chain. */
  async remove(rows: readonly CollectionRow[]): Promise<void> {
    const list = this.#ids(rows);
    await this.#db.run(`DELETE FROM collection WHERE collection_id IN (SELECT value FROM ${list.source})`, list.params);
  }

  /** Chains of which these collections are direct members: name of the chain -> names of the members. */
  async chainsOf(rows: readonly CollectionRow[]): Promise<Map<string, string[]>> {
    const list = this.#ids(rows);
    const found = await this.#db.rows(
      `SELECT p.name, c.name FROM collection_chain m JOIN collection p ON p.collection_id = m.parent
       JOIN collection c ON c.collection_id = m.child
       WHERE m.child IN (SELECT value FROM ${list.source}) ORDER BY p.name, m.position`,
      list.params,
    );
    const out = new Map<string, string[]>();
    for (const [parent, child] of found as string[][]) {
      const members = out.get(parent);
      if (members === undefined) out.set(parent, [child]);
      else members.push(child);
    }
    return out;
  }

  /** Takes collections out of every chain. */
  async unlink(rows: readonly CollectionRow[]): Promise<void> {
    const list = this.#ids(rows);
    await this.#db.run(`DELETE FROM collection_chain WHERE child IN (SELECT value FROM ${list.source})`, list.params);
  }

  async setMembers(chain: CollectionRow, members: readonly CollectionRow[]): Promise<void> {
    await this.#db.run('DELETE FROM collection_chain WHERE parent = ?', [chain.id]);
    await this.#db.insert(
      'collection_chain',
      ['parent', 'position', 'child'],
      members.map((row, position) => [chain.id, position, row.id]),
    );
  }

  #ids(rows: readonly CollectionRow[]): { source: string; params: SqlValue[] } {
    const { dialect } = this.#db;
    return {
      source: dialect.listSource(dialect.placeholder(0), 'int'),
      params: [dialect.listParam(rows.map((row) => row.id))],
    };
  }

  /** Rows in the order of the names, by one query; throws as {@link get}. */
  async getMany(names: readonly string[]): Promise<CollectionRow[]> {
    if (names.length === 0) return [];
    if (names.length === 1) return [await this.get(names[0])];
    const { dialect } = this.#db;
    const where = `WHERE name IN (SELECT value FROM ${dialect.listSource(dialect.placeholder(0), 'text')})`;
    const rows = await this.#select(where, [dialect.listParam([...new Set(names)])]);
    const byName = new Map(rows.map((row) => [row.name, row]));
    return Promise.all(names.map((name) => byName.get(name) ?? this.get(name)));
  }

  /** Collections to search, in order: chains are replaced by their members and nothing comes twice. One query. */
  async resolve(names: readonly string[], options: { keepChains?: boolean } = {}): Promise<CollectionRow[]> {
    if (names.length === 0) return [];
    const { named, members } = await this.#tree(names);
    const rows = await Promise.all(names.map((name) => named.get(name) ?? this.get(name)));
    const out = new Map<number, CollectionRow>();
    const seen = new Set<number>();
    const visit = (row: CollectionRow): void => {
      if (seen.has(row.id)) return;
      seen.add(row.id);
      if (row.type !== 'CHAINED' || options.keepChains) out.set(row.id, row);
      if (row.type === 'CHAINED') for (const child of members.get(row.id) ?? []) visit(child);
    };
    for (const row of rows) visit(row);
    return [...out.values()];
  }

  /** Collections by name, and the members of each chain that is among them or below them. */
  async #tree(
    names: readonly string[],
  ): Promise<{ named: Map<string, CollectionRow>; members: Map<number, CollectionRow[]> }> {
    const { dialect } = this.#db;
    const list = dialect.listSource(dialect.placeholder(0), 'text');
    // Zeros of the type of an id: some engines want equal types. UNION: a chain that comes twice, or in a circle of other programs, is followed once.
    const rows = await this.#db.rows(
      `WITH RECURSIVE tree(parent, position, child) AS (
         SELECT 0 * collection_id, 0 * collection_id, collection_id FROM collection WHERE name IN (SELECT value FROM ${list})
         UNION SELECT m.parent, m.position + 0 * m.parent, m.child FROM collection_chain m JOIN tree ON m.parent = tree.child)
       SELECT c.collection_id, c.name, c.type, c.doc, tree.parent FROM tree JOIN collection c ON c.collection_id = tree.child
       ORDER BY tree.parent, tree.position`,
      [dialect.listParam([...new Set(names)])],
    );
    const named = new Map<string, CollectionRow>();
    const members = new Map<number, CollectionRow[]>();
    for (const values of rows) {
      const row = toRow(values);
      const parent = values[4] as number;
      const others = members.get(parent);
      if (parent === 0) named.set(row.name, row);
      else if (others === undefined) members.set(parent, [row]);
      else others.push(row);
    }
    return { named, members };
  }

  async #select(where: string, params: readonly SqlValue[]): Promise<CollectionRow[]> {
    const rows = await this.#db.rows(`SELECT collection_id, name, type, doc FROM collection ${where}`, params);
    return rows.map(toRow);
  }

  /** Names of the members of one chain or of all. */
  async #children(parent?: number): Promise<Map<number, string[]>> {
    const rows = await this.#db.rows(
      `SELECT p.parent, c.name FROM collection_chain p JOIN collection c ON c.collection_id = p.child
       ${parent === undefined ? '' : 'WHERE p.parent = ?'} ORDER BY p.parent, p.position`,
      parent === undefined ? [] : [parent],
    );
    const groups = Map.groupBy(rows, ([owner]) => owner as number);
    return new Map([...groups].map(([owner, members]) => [owner, members.map(([, name]) => name as string)]));
  }
}

function toRow([id, name, type, doc]: readonly SqlValue[]): CollectionRow {
  return {
    id: id as number,
    name: name as string,
    type: typeNames.get(type as number)!,
    doc: (doc as string | null) ?? '',
  };
}

function toInfo(row: CollectionRow, children: ReadonlyMap<number, string[]>): CollectionInfo {
  const info: CollectionInfo = { name: row.name, type: row.type, doc: row.doc };
  return row.type === 'CHAINED' ? { ...info, children: children.get(row.id) ?? [] } : info;
}
