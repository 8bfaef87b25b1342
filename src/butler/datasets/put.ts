// SPDX-License-Identifier: BSD-3-Clause
import { newUuid } from '../../base/index.ts';
import { withDefaultValues } from '../collections/defaults.ts';
import type { StagedFile } from '../datastore/byte-store.ts';
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { insideScope, onFailure } from '../datastore/scope.ts';
import { butlerErrors } from '../errors.ts';
import type { PutResult } from '../limited.ts';
import type { CollectionRow } from '../registry/collections.ts';
import type { Database } from '../registry/database.ts';
import type { DatasetTypeRow } from '../registry/dataset-types.ts';
import { expandDataIds } from '../registry/expand.ts';
import { Recent } from '../registry/recent.ts';
import type { Registry } from '../registry/registry.ts';
import type { DataId, DatasetRef, FileRecord } from '../types.ts';

export interface ObjectToPut {
  object: unknown;
  dataId: DataId;
}

export type Stored = { ref: DatasetRef } & PutResult;

/** A dataset whose file is written, but not in its place and not registered. */
interface Waiting {
  type: DatasetTypeRow;
  ref: DatasetRef;
  staged: StagedFile;
  /** One for each file: a composite may be written in parts. */
  records: FileRecord[];
}

/** Datasets that wait for one transaction together, and files that are written beside each other. */
const mostTogether = 256;
const parallelFiles = 16;

/**
 * See `ButlerApi.put`. The file is written before the transaction, and gets its place inside it, after the registry has taken the
 * dataset: nobody else's file can be there. Puts that are under way at the same time share a transaction.
 */
export async function put(
  registry: Registry,
  datastore: FileDatastore,
  object: unknown,
  datasetType: string,
  dataId: DataId,
  runName: string,
): Promise<Stored> {
  const [waiting] = await prepare(registry, datastore, [{ object, dataId }], datasetType, runName);
  if (insideScope()) await commitOrDiscard(registry, [waiting]);
  else await lineOf(registry).add(waiting);
  takeBackOnFailure(datastore, waiting);
  return toStored(waiting);
}

/** See `ButlerApi.putMany`. */
export async function putMany(
  registry: Registry,
  datastore: FileDatastore,
  objects: readonly ObjectToPut[],
  datasetType: string,
  runName: string,
): Promise<Stored[]> {
  const all = await prepare(registry, datastore, objects, datasetType, runName);
  await commitOrDiscard(registry, all);
  for (const one of all) takeBackOnFailure(datastore, one);
  return all.map(toStored);
}

function takeBackOnFailure(datastore: FileDatastore, { records }: Waiting): void {
  for (const record of records) onFailure(() => datastore.store.remove(datastore.absolute(record)));
}

function toStored({ ref, records }: Waiting): Stored {
  return { ref, record: records[0], bytesWritten: records.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0) };
}

async function prepare(
  registry: Registry,
  datastore: FileDatastore,
  objects: readonly ObjectToPut[],
  datasetType: string,
  runName: string,
): Promise<Waiting[]> {
  const { universe } = registry;
  const type = await registry.types.get(datasetType);
  await lineOf(registry).check(runName);
  const { dimensions } = type.type;
  const dataIds = objects.map(({ dataId }) => withDefaultValues(registry, dimensions, dataId));
  const expanded = await expandDataIds(registry.records, universe, dimensions, dataIds, true);
  const paths = new Set<string>();
  const out: Waiting[] = [];
  const lane = async (indexes: Iterator<[number, ObjectToPut]>): Promise<void> => {
    for (let next = indexes.next(); !next.done; next = indexes.next()) {
      const [i, { object }] = next.value;
      const { values, records } = expanded[i];
      const dataId = universe.coordinate(dimensions, values);
      const ref: DatasetRef = { id: newUuid(), datasetType: type.type, dataId, run: runName };
      const files = await datastore.stageDataset(object, ref, values, records, { syncLast: true });
      out[i] = { type, ref, ...files };
      for (const { path } of files.records) {
        if (paths.has(path)) throw butlerErrors.FILE_EXISTS({ path, source: 'another of the datasets' });
        paths.add(path);
      }
    }
  };
  const indexes = objects.entries();
  const lanes = await Promise.allSettled(
    Array.from({ length: Math.min(parallelFiles, objects.length) }, () => lane(indexes)),
  );
  const failure = lanes.find((result) => result.status === 'rejected');
  if (failure === undefined) return out;
  await discardAll(out.filter((one) => one !== undefined));
  throw failure.reason;
}

async function commitOrDiscard(registry: Registry, group: readonly Waiting[]): Promise<void> {
  try {
    await commit(registry, group);
  } catch (error) {
    await discardAll(group);
    throw error;
  }
}

async function discardAll(group: readonly Waiting[]): Promise<void> {
  for (const { staged } of group) await staged.discard();
}

/** Registers datasets and puts their files in place, in one transaction. After a failure all files are as they were staged. */
async function commit(registry: Registry, group: readonly Waiting[]): Promise<void> {
  const { db } = registry;
  const placed: StagedFile[] = [];
  const revert = async (): Promise<void> => {
    for (const staged of placed.splice(0)) await staged.revert();
  };
  const body = async (): Promise<void> => {
    const byPlace = Map.groupBy(group, ({ type, ref }) => `${type.id}\u0000${ref.run}`);
    for (const members of byPlace.values()) {
      const [{ type, ref }] = members;
      // Asked for again inside the transaction: the run may have gone, and another may have its number.
      const run = await lineOf(registry).run(ref.run);
      const refs = members.map((one) => one.ref);
      await registry.datasets.insert(type, run, refs, { freshIds: true });
    }
    await registry.files.insert(group.flatMap(({ records }) => records));
    const results = await Promise.allSettled(
      group.map(async ({ staged }) => {
        placed.push(staged);
        await staged.commit();
      }),
    );
    const failure = results.find((result) => result.status === 'rejected');
    if (failure === undefined) return;
    await revert(); // while nobody else may write
    throw failure.reason;
  };
  try {
    await db.transaction(body, { relaxed: true });
  } catch (error) {
    await revert();
    throw error;
  }
}

/** Where puts of one database wait for each other. */
class Line {
  readonly #registry: Registry;
  readonly #runs: Recent<CollectionRow>;
  #waiting: { one: Waiting; done: PromiseWithResolvers<void> }[] = [];
  #busy = false;
  readonly #asked = new Map<string, Promise<CollectionRow>>();

  constructor(registry: Registry) {
    this.#registry = registry;
    this.#runs = new Recent(registry.db, 1000);
  }

  /** The row of a run, for use at once. */
  run(name: string): Promise<CollectionRow> {
    return this.#runs.getOr(name, () => this.#registry.collections.get(name, ['RUN']));
  }

  /** Refuses early what is no run; puts that begin together ask together. */
  check(name: string): Promise<unknown> {
    if (this.#runs.get(name) !== undefined) return Promise.resolve();
    let asked = this.#asked.get(name);
    if (asked === undefined) {
      asked = this.run(name).finally(() => this.#asked.delete(name));
      this.#asked.set(name, asked);
    }
    return asked;
  }

  add(one: Waiting): Promise<void> {
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ one, done });
    if (!this.#busy) void this.#work();
    return done.promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    while (this.#waiting.length > 0) {
      const group = this.#waiting.splice(0, mostTogether);
      const all = group.map(({ one }) => one);
      try {
        await commit(this.#registry, all);
        for (const { done } of group) done.resolve();
      } catch (error) {
        if (group.length === 1) {
          await discardAll(all);
          group[0].done.reject(error);
        } else {
          // One of them is at fault: alone, each has its own fate.
          for (const { one, done } of group)
            await commitOrDiscard(this.#registry, [one]).then(done.resolve, done.reject);
        }
      }
    }
    this.#busy = false;
  }
}

const lines = new WeakMap<Database, Line>();

function lineOf(registry: Registry): Line {
  let line = lines.get(registry.db);
  if (line === undefined) {
    line = new Line(registry);
    lines.set(registry.db, line);
  }
  return line;
}
