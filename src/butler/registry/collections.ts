// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { CollectionInfo, CollectionType } from '../types.ts';
import type { Database } from './database.ts';
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
    return this.#db.transaction(async () => {
      const present = await this.find(name);
      if (present !== undefined) {
        if (present.type !== type) throw butlerErrors.COLLECTION_TYPE({ name, type: present.type, wanted: type });
        return false;
      }
      const id = await this.#db.insertReturningId(
        'collection',
        ['name', 'type', 'doc'],
        [name, typeCodes[type], doc ?? null],
        'collection_id',
      );
      if (type === 'RUN') await this.#db.insert('run', ['collection_id'], [[id]]);
      return true;
    });
  }

  /** Replaces the members of a chain. */
  async setChain(parent: string, children: readonly string[]): Promise<void> {
    await this.#db.transaction(async () => {
      const chain = await this.get(parent, ['CHAINED']);
      const unique = [...new Set(children)];
      const ids: number[] = [];
      for (const child of unique) {
        const row = await this.get(child);
        const reachable = await this.resolve([child], { keepChains: true });
        if (reachable.some((member) => member.id === chain.id)) throw butlerErrors.CHAIN_CYCLE({ parent, child });
        ids.push(row.id);
      }
      await this.#db.run('DELETE FROM collection_chain WHERE parent = ?', [chain.id]);
      await this.#db.insert(
        'collection_chain',
        ['parent', 'position', 'child'],
        ids.map((id, position) => [chain.id, position, id]),
      );
    });
  }

  async prependToChain(parent: string, children: readonly string[]): Promise<void> {
    await this.#db.transaction(async () => {
      await this.register(parent, 'CHAINED');
      const present = (await this.info(parent)).children ?? [];
      await this.setChain(parent, [...children, ...present.filter((name) => !children.includes(name))]);
    });
  }

  /** Collections to search, in order: chains are replaced by their members and nothing comes twice. */
  async resolve(names: readonly string[], options: { keepChains?: boolean } = {}): Promise<CollectionRow[]> {
    const out = new Map<number, CollectionRow>();
    const rows = await Promise.all(names.map((name) => this.get(name)));
    const members = rows.some((row) => row.type === 'CHAINED')
      ? await this.#childRows()
      : new Map<number, CollectionRow[]>();
    const visit = (row: CollectionRow): void => {
      if (out.has(row.id)) return;
      if (row.type !== 'CHAINED' || options.keepChains) out.set(row.id, row);
      if (row.type === 'CHAINED') for (const child of members.get(row.id) ?? []) visit(child);
    };
    for (const row of rows) visit(row);
    return [...out.values()];
  }

  async #select(where: string, params: readonly string[]): Promise<CollectionRow[]> {
    const rows = await this.#db.rows(`SELECT collection_id, name, type, doc FROM collection ${where}`, params);
    return rows.map(([id, name, type, doc]) => ({
      id: id as number,
      name: name as string,
      type: typeNames.get(type as number)!,
      doc: (doc as string | null) ?? '',
    }));
  }

  async #children(parent?: number): Promise<Map<number, string[]>> {
    const members = await this.#childRows(parent);
    return new Map([...members].map(([id, rows]) => [id, rows.map((row) => row.name)]));
  }

  async #childRows(parent?: number): Promise<Map<number, CollectionRow[]>> {
    const rows = await this.#db.rows(
      `SELECT p.parent, c.collection_id, c.name, c.type, c.doc FROM collection_chain p
       JOIN collection c ON c.collection_id = p.child ${parent === undefined ? '' : 'WHERE p.parent = ?'}
       ORDER BY p.parent, p.position`,
      parent === undefined ? [] : [parent],
    );
    const out = new Map<number, CollectionRow[]>();
    for (const [owner, id, name, type, doc] of rows) {
      const row = {
        id: id as number,
        name: name as string,
        type: typeNames.get(type as number)!,
        doc: (doc as string | null) ?? '',
      };
      out.set(owner as number, [...(out.get(owner as number) ?? []), row]);
    }
    return out;
  }
}

function toInfo(row: CollectionRow, children: ReadonlyMap<number, string[]>): CollectionInfo {
  const info: CollectionInfo = { name: row.name, type: row.type, doc: row.doc };
  return row.type === 'CHAINED' ? { ...info, children: children.get(row.id) ?? [] } : info;
}
