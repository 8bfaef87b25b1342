// SPDX-License-Identifier: BSD-3-Clause
import type { FileDatastore } from '../datastore/file-datastore.ts';
import { butlerErrors } from '../errors.ts';
import { describe } from '../registry/datasets.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetRef, FileRecord } from '../types.ts';

export interface Output {
  ref: DatasetRef;
  record: FileRecord;
}

/**
 * Registers files that jobs have committed: all of them in one transaction, after every file was seen with the recorded size.
 * Datasets that are registered already are counted as present, so a batch can be sent again after a crash; if a job has written one
 * anew, its record becomes that of the file that is there.
 */
export async function registerOutputs(
  registry: Registry,
  datastore: FileDatastore,
  outputs: readonly Output[],
): Promise<{ registered: number; present: number }> {
  if (outputs.length === 0) return { registered: 0, present: 0 };
  await verify(datastore, outputs);
  const register = async (): Promise<{ registered: number; present: number }> => {
    const known = await registry.datasets.byIds(outputs.map(({ ref }) => ref.id));
    const fresh: Output[] = [];
    const present: Output[] = [];
    outputs.forEach((output, i) => {
      const found = known[i];
      if (found === undefined) fresh.push(output);
      else {
        assertSame(found, output.ref);
        present.push(output);
      }
    });
    const groups = Map.groupBy(fresh, ({ ref }) => `${ref.datasetType.name}\u0000${ref.run}`);
    for (const group of groups.values()) {
      const [{ ref }] = group;
      const type = await registry.types.get(ref.datasetType.name);
      const run = await registry.collections.get(ref.run, ['RUN']);
      await registry.datasets.insert(
        type,
        run,
        group.map((output) => output.ref),
      );
    }
    await registry.files.insert(fresh.map(({ record }) => record));
    await refresh(registry, present);
    return { registered: fresh.length, present: present.length };
  };
  return registry.db.transaction(register, { repeatable: true });
}

/** Brings the records of known datasets up to their files; datasets whose files had been removed are stored again. */
async function refresh(registry: Registry, outputs: readonly Output[]): Promise<void> {
  if (outputs.length === 0) return;
  const known = await registry.files.get(outputs.map(({ ref }) => ref.id));
  const missing: FileRecord[] = [];
  const changed: FileRecord[] = [];
  outputs.forEach(({ record }, i) => {
    if (known[i].length === 0) missing.push(record);
    else if (!known[i].some((other) => sameFile(other, record))) changed.push(record);
  });
  await registry.files.insert(missing);
  if (changed.length > 0) await registry.files.replace(changed);
}

function sameFile(a: FileRecord, b: FileRecord): boolean {
  const same = (name: keyof FileRecord): boolean => a[name] === b[name];
  const content = a.checksum === null || b.checksum === null || a.checksum === b.checksum;
  return content && (['path', 'formatter', 'storageClass', 'component', 'sizeBytes'] as const).every(same);
}

async function verify(datastore: FileDatastore, outputs: readonly Output[]): Promise<void> {
  const sizes = await datastore.sizes(outputs.map(({ record }) => record));
  outputs.forEach(({ ref, record }, i) => {
    const found = sizes[i];
    const path = datastore.absolute(record);
    if (found === undefined) throw butlerErrors.FILE_MISSING({ path, dataset: describe(ref) });
    if (found !== record.sizeBytes) throw butlerErrors.FILE_SIZE({ path, expected: record.sizeBytes, found });
  });
}

function assertSame(found: DatasetRef, ref: DatasetRef): void {
  const same =
    found.datasetType.name === ref.datasetType.name && found.dataId.key === ref.dataId.key && found.run === ref.run;
  if (!same) throw butlerErrors.ID_CONFLICT({ id: ref.id, detail: `${describe(found)} in "${found.run}"` });
}
