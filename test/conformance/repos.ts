// SPDX-License-Identifier: BSD-3-Clause
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SkymillError } from '../../src/base/index.ts';
import { Butler, type DatasetRef, retrieveArtifacts } from '../../src/butler/index.ts';
import { MAX_NS, MIN_NS } from '../../src/butler/timespan.ts';
import { restoreDump } from '../support/databases.ts';
import type { Adapter, Case, Comparison, SuiteContext } from './suite.ts';

interface PlainDataset {
  id: string;
  type: string;
  run: string;
  dataId: Record<string, string | number>;
}

interface Copy {
  folder: string;
  butler: Butler;
  /** Takes away what is not in the folder. */
  drop: () => Promise<void>;
}

/** Collection and dataset type that the suite makes to see that it can write. */
const probe = 'conformance_probe';

/**
 * Suite repos: every repository under `repos/` (a folder with `butler.yaml`) is copied and opened, and whatever answers stand
 * beside it in `<name>.queries.json` and `<name>.expected.json` are asked for. Cases are made from what is there.
 */
export class Repositories implements Adapter {
  readonly #copies = new Map<string, Promise<Copy>>();

  cases({ root, engine }: { root: string; engine: string }): Case[] {
    const repos = join(root, 'repos');
    if (!existsSync(repos)) return [];
    // Registries that are files are opened on every engine; those of a server need one into which their dump is restored.
    const kinds = new Set<string | undefined>(['sqlite', engine]);
    return readdirSync(repos, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && kinds.has(kindOf(join(repos, entry.name))))
      .flatMap(({ name }) => casesOf(repos, name));
  }

  async run(test: Case, { root }: SuiteContext): Promise<Comparison> {
    const repo = await this.#open(join(root, 'repos', test.repo));
    switch (test.kind) {
      case 'content':
        return content(repo.butler);
      case 'artifacts':
        return artifacts(repo.butler);
      case 'write':
        return write(repo);
      case 'dataset':
        return dataset(repo.butler, test);
      case 'collections':
        return { actual: await collections(repo.butler, test.expect), expected: sorted(test.expect) };
      case 'associations':
        return { actual: await associations(repo.butler, test.expect), expected: sorted(test.expect) };
      case 'datasets':
        return datasets(repo.butler, test);
      default:
        throw new Error(`no such kind of question: ${test.kind}`);
    }
  }

  async close(): Promise<void> {
    for (const copy of this.#copies.values()) {
      const { folder, butler, drop } = await copy;
      await butler.close();
      await drop();
      rmSync(folder, { recursive: true, force: true });
    }
    this.#copies.clear();
  }

  #open(source: string): Promise<Copy> {
    const made = this.#copies.get(source) ?? copyAndOpen(source);
    this.#copies.set(source, made);
    return made;
  }
}

const databaseLine = /^(\s*db:\s*)['"]?((sqlite|postgresql)[^'"\n]*)['"]?/m;

/** The engine of the repository in a folder; undefined if there is none. */
function kindOf(folder: string): string | undefined {
  const config = join(folder, 'butler.yaml');
  return existsSync(config) ? databaseLine.exec(readFileSync(config, 'utf8'))?.[3] : undefined;
}

/** Restores the dump that lies in a folder and has its configuration name the copy. */
async function restoreInto(folder: string): Promise<() => Promise<void>> {
  const dump = readdirSync(folder).find((name) => name.endsWith('.sql'));
  if (dump === undefined) throw new Error(`there is no dump of the database in ${folder}`);
  const { url, drop } = await restoreDump(join(folder, dump));
  const config = join(folder, 'butler.yaml');
  writeFileSync(
    config,
    readFileSync(config, 'utf8').replace(databaseLine, (_, key: string) => `${key}'${url}'`),
  );
  return drop;
}

async function copyAndOpen(source: string): Promise<Copy> {
  const folder = mkdtempSync(join(tmpdir(), 'skymill-repos-'));
  cpSync(source, folder, { recursive: true });
  // The originals may be read-only.
  chmodSync(folder, 0o755);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    chmodSync(join(entry.parentPath, entry.name), entry.isDirectory() ? 0o755 : 0o644);
  }
  const drop = kindOf(folder) === 'postgresql' ? await restoreInto(folder) : async () => {};
  return { folder, butler: await Butler.open(folder, { writeable: true }), drop };
}

function casesOf(repos: string, repo: string): Case[] {
  const out: Case[] = ['content', 'artifacts', 'write'].map((kind) => ({ id: `${repo}: ${kind}`, repo, kind }));
  const read = (name: string): Record<string, unknown> => {
    const path = join(repos, `${repo}.${name}.json`);
    return existsSync(path) ? (parseExact(readFileSync(path, 'utf8')) as Record<string, unknown>) : {};
  };
  for (const [id, expect] of Object.entries(read('expected'))) {
    out.push({ id: `${repo}: ${id}`, repo, kind: 'dataset', dataset: id, expect });
  }
  for (const [question, expect] of Object.entries(read('queries'))) {
    const [type, collection, findFirst] = question.split('|');
    const id = `${repo}: ${question}`;
    if (findFirst === undefined) out.push({ id, repo, kind: question, expect });
    else out.push({ id, repo, kind: 'datasets', type, collection, findFirst: findFirst === 'findFirst=True', expect });
  }
  return out;
}

/** Integers that a double cannot hold become decimal texts. */
function parseExact(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown, context?: { source?: string }) =>
    typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value)
      ? (context?.source ?? String(value))
      : value,
  );
}

/** What the tables hold is what queries give: records of every element, datasets of every type and run. */
async function content(butler: Butler): Promise<Comparison> {
  const { db } = butler.registry;
  const { universe } = butler;
  const rowsOf = async (table: string): Promise<number> =>
    Number((await db.rows(`SELECT COUNT(*) FROM ${db.dialect.quote(table)}`))[0][0]);
  const actual: Record<string, number> = { dataset: (await allDatasets(butler)).length };
  const expected: Record<string, number> = { dataset: await rowsOf('dataset') };
  for (const name of universe.elementNames) {
    const { hasTable, skypix } = universe.element(name);
    if (!hasTable || skypix !== undefined) continue;
    actual[name] = 0;
    for await (const _ of butler.query().dimensionRecords(name)) actual[name]++;
    expected[name] = await rowsOf(name);
  }
  return { actual, expected };
}

/** Every file has the recorded size and can be taken out; every dataset is read, or refused because only Python reads it. */
async function artifacts(butler: Butler): Promise<Comparison> {
  const refs = await allDatasets(butler);
  const records = (await butler.getFileRecords(refs.map((ref) => ref.id))).flat();
  const withFiles = new Set(records.map((record) => record.datasetId));
  const actual: Record<string, unknown> = {};
  const expected: Record<string, unknown> = {};
  const destination = mkdtempSync(join(tmpdir(), 'skymill-artifacts-'));
  try {
    const options = { transfer: 'copy', preservePath: true, clobber: false } as const;
    const stored = refs.filter((ref) => withFiles.has(ref.id));
    const report = await retrieveArtifacts(butler, stored, destination, options);
    actual['failed'] = report.failed;
    expected['failed'] = [];
    for (const { path, sizeBytes } of records) {
      actual[path] = statSync(join(destination, path), { throwIfNoEntry: false })?.size;
      expected[path] = sizeBytes;
    }
  } finally {
    rmSync(destination, { recursive: true, force: true });
  }
  for (const ref of refs.filter((one) => withFiles.has(one.id))) {
    const { formatter } = records.find(({ datasetId }) => datasetId === ref.id)!;
    actual[ref.id] = await outcome(() => butler.get(ref));
    expected[ref.id] = /\bPickleFormatter$|\bPexConfigFormatter$/.test(formatter)
      ? 'BUTLER_PYTHON_ONLY'
      : /mock/i.test(formatter)
        ? 'BUTLER_NO_FORMATTER'
        : 'read';
  }
  return { actual, expected };
}

/** A repository that was opened can be written: a collection and, in a run of its own, a dataset that is read back. */
async function write({ butler }: { butler: Butler }): Promise<Comparison> {
  const name = probe;
  await butler.registerCollection(name, 'RUN');
  await butler.registerDatasetTypes([butler.makeDatasetType(name, [], 'StructuredDataDict')]);
  const { ref } = await butler.put({ written: 'here' }, name, {}, name);
  const actual = await butler.get(ref);
  await butler.removeDatasets([ref]);
  return {
    actual: { value: actual, left: await butler.getFileRecords([ref.id]) },
    expected: { value: { written: 'here' }, left: [[]] },
  };
}

async function dataset(butler: Butler, { dataset: id, expect }: Case): Promise<Comparison> {
  const [ref] = await butler.getDatasets([id]);
  const [records] = await butler.getFileRecords([id]);
  const actual = ref === undefined ? undefined : { ...plain(ref), uri: records.map((record) => record.path).join() };
  return { actual, expected: { id, ...expect } };
}

/** The peer tells documentation only when asked: answers that were made without asking have none anywhere. */
async function collections(butler: Butler, expect: readonly { doc: string }[]): Promise<unknown[]> {
  const asked = expect.some(({ doc }) => doc !== '');
  const all = await butler.listCollections();
  // Written by another case of this suite.
  const given = all.filter(({ name }) => name !== probe);
  return sorted(
    given.map(({ name, type, doc, children }) => ({ name, type, children: children ?? [], doc: asked ? doc : '' })),
  );
}

/** Of the dataset types and collections that the answer names. Unbounded sides are written as the earliest and latest time there is. */
async function associations(
  butler: Butler,
  expect: readonly { type: string; collection: string }[],
): Promise<unknown[]> {
  const found: unknown[] = [];
  const names = [...new Set(expect.map((row) => row.collection))];
  for (const type of new Set(expect.map((row) => row.type))) {
    for await (const { ref, collection, timespan } of butler.associations(type, { collections: names })) {
      const span = timespan && [timespan.beginNs ?? MIN_NS, timespan.endNs ?? MAX_NS].map(exact);
      found.push({ type, id: ref.id, collection, timespan: span ?? null });
    }
  }
  return sorted(found);
}

/**
 * The peer gives a dataset once for each RUN and TAGGED collection of the search that holds it, unless a CALIBRATION collection is
 * among them; we give it once. What it repeats is held against the associations.
 */
async function datasets(butler: Butler, { type, collection, findFirst, expect }: Case): Promise<Comparison> {
  const found: PlainDataset[] = [];
  const refused = !Array.isArray(expect);
  try {
    for await (const ref of butler.query().datasets(type, { collections: [collection], findFirst }))
      found.push(plain(ref));
  } catch (error) {
    if (!(error instanceof SkymillError)) throw error;
    return { actual: { error: error.code }, expected: expect, equal: refused };
  }
  const ids = new Set(refused ? [] : expect.map((row: PlainDataset) => row.id));
  if (refused || ids.size === expect.length)
    return { actual: sorted(found), expected: refused ? expect : sorted(expect) };
  const repeated: PlainDataset[] = [];
  for await (const { ref } of butler.associations(type, { collections: [collection], flattenChains: true }))
    repeated.push(plain(ref));
  const once = new Set(found.map((row) => row.id));
  return { actual: [sorted(repeated), once, found.length], expected: [sorted(expect), ids, ids.size] };
}

async function allDatasets(butler: Butler): Promise<DatasetRef[]> {
  const refs: DatasetRef[] = [];
  const runs = (await butler.listCollections(undefined, ['RUN'])).map((run) => run.name);
  for (const { name } of await butler.listDatasetTypes()) {
    for await (const ref of butler.query().datasets(name, { collections: runs, findFirst: false })) refs.push(ref);
  }
  return refs;
}

async function outcome(body: () => Promise<unknown>): Promise<string> {
  try {
    await body();
    return 'read';
  } catch (error) {
    if (error instanceof SkymillError) return error.code;
    throw error;
  }
}

function plain(ref: DatasetRef): PlainDataset {
  return { id: ref.id, type: ref.datasetType.name, run: ref.run, dataId: ref.dataId.toDataId() };
}

function exact(value: bigint): number | string {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}

/** Order has no meaning in these answers. */
function sorted(rows: readonly unknown[]): unknown[] {
  const text = (value: unknown): string =>
    JSON.stringify(value, (_key, inner) =>
      typeof inner === 'object' && inner !== null && !Array.isArray(inner)
        ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
        : inner,
    );
  return rows
    .map((row) => [text(row), row] as const)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([, row]) => row);
}
