// SPDX-License-Identifier: BSD-3-Clause
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { uuidHex } from '../../../base/index.ts';
import { finishArchive } from '../../datastore/growing-archive/finish.ts';
import { relativeTo } from '../../datastore/paths.ts';
import { recordedMembers } from '../../removal/archive-members.ts';
import type { Check, DoctorContext, Finding, Kind } from '../model.ts';
import { blake2b, type ScanBatch, type ScanProblem, scanFiles } from '../scan.ts';
import { runOnIds } from '../sql.ts';

const damaged = 'with --damaged: moves the file aside and unstores its datasets, or accepts the file as it is';
const kinds: readonly Kind[] = [
  {
    name: 'missing-file',
    title: 'records without a file',
    severity: 'wrong',
    repair: 'unstores the datasets: they stay in the registry, and the task that made them makes them again',
  },
  { name: 'wrong-size', title: 'files of another size than recorded', severity: 'wrong', repair: damaged },
  { name: 'wrong-checksum', title: 'files with another checksum than recorded', severity: 'wrong', repair: damaged },
  {
    name: 'unreadable-file',
    title: 'files that cannot be read',
    severity: 'wrong',
    advice: 'look at the owner and the permissions of the files, and at the storage',
  },
  {
    name: 'file-without-record',
    title: 'files that belong to no dataset',
    severity: 'scratch',
    repair: 'moves them into a dated folder of the repository; deletes them with --delete',
  },
  {
    name: 'unfinished-write',
    title: 'unfinished files of writers that ended',
    severity: 'scratch',
    repair: 'deletes them',
  },
  {
    name: 'unfinished-archive',
    title: 'archives without a directory: their writers were killed, and other programs cannot read them',
    severity: 'scratch',
    repair: 'cuts what is torn behind the last whole member and writes the directory',
  },
  {
    name: 'young-file',
    title: 'files without a record that changed lately (somebody may be about to register them)',
    severity: 'note',
  },
  {
    name: 'unregistered-output',
    title: 'files without a record in the folder of a production that is not over',
    severity: 'note',
  },
  { name: 'remote-file', title: 'files of other storage, which were not looked at', severity: 'note' },
];

const kindOf: Record<ScanProblem['kind'], string> = {
  missing: 'missing-file',
  size: 'wrong-size',
  checksum: 'wrong-checksum',
  unreadable: 'unreadable-file',
  remote: 'remote-file',
};

/** Files held against records, both ways, and unfinished writes. */
export const files: Check = {
  name: 'files',
  kinds,
  async *find(context) {
    const { butler, checksums } = context;
    const [[total]] = await butler.registry.db.rows('SELECT COUNT(*) FROM file_datastore_records');
    let done = 0;
    for await (const batch of scanFiles(butler, { checksums })) {
      done += batch.records;
      context.progress(done, Math.max(done, Number(total)));
      yield findingsOf(batch, context);
    }
  },
  async repair(context, kind, findings) {
    switch (kind) {
      case 'missing-file':
        return unstore(context, findings);
      case 'wrong-size':
      case 'wrong-checksum':
        return context.damaged === 'accept' ? accept(context, findings) : quarantine(context, findings);
      case 'unfinished-write':
        for (const { data } of findings) await rm(data as string, { force: true });
        return findings.length;
      case 'unfinished-archive':
        for (const { data } of findings) await finishArchive(data as string);
        return findings.length;
      default:
        return putAside(context, findings);
    }
  },
};

function findingsOf(batch: ScanBatch, context: DoctorContext): Finding[] {
  const findings: Finding[] = batch.problems.map((problem) => ({
    kind: kindOf[problem.kind],
    subject: problem.path,
    detail: problem.detail,
    data: problem,
  }));
  const ageSeconds = (changedMs: number): number => (Date.now() - changedMs) / 1000;
  for (const { path, absolute, changedMs } of batch.orphans) {
    const production = underway(context, path);
    const young = ageSeconds(changedMs) < context.minAgeSeconds;
    const kind = production !== undefined ? 'unregistered-output' : young ? 'young-file' : 'file-without-record';
    findings.push({ kind, subject: path, detail: production ?? 'no dataset has it', data: { path, absolute } });
  }
  for (const { path, absolute, changedMs } of batch.scratch) {
    if (ageSeconds(changedMs) < context.minAgeSeconds || writerLives(path)) continue;
    findings.push({ kind: 'unfinished-write', subject: path, detail: 'its writer was interrupted', data: absolute });
  }
  for (const { path, absolute, changedMs } of batch.unfinished) {
    if (ageSeconds(changedMs) < context.minAgeSeconds || underway(context, path)?.endsWith('being produced')) continue;
    findings.push({ kind: 'unfinished-archive', subject: path, detail: 'its writer was killed', data: absolute });
  }
  return findings;
}

function underway(context: DoctorContext, path: string): string | undefined {
  for (const [folder, reason] of context.underway) if (path.startsWith(`${folder}/`)) return reason;
  return undefined;
}

/** Whether the process that an unfinished file is named after runs here. One of another machine is judged by the age of the file alone. */
function writerLives(path: string): boolean {
  const pid = Number(/\.(\d+)-\d+\.part$/.exec(path)?.[1]);
  if (!Number.isInteger(pid) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The datasets stay in the registry; what is said of their files goes. */
async function unstore({ butler }: DoctorContext, findings: readonly Finding[]): Promise<number> {
  const { db } = butler.registry;
  const ids = findings.map(({ data }) => uuidHex((data as ScanProblem).datasetId));
  await db.transaction(async () => {
    for (const table of ['dataset_location', 'file_datastore_records'])
      await runOnIds(db, `DELETE FROM ${table} WHERE dataset_id IN (SELECT value FROM %LIST%)`, ids);
  });
  return findings.length;
}

async function accept({ butler }: DoctorContext, findings: readonly Finding[]): Promise<number> {
  const { db } = butler.registry;
  for (const { data } of findings) {
    const { datasetId, path } = data as ScanProblem;
    const size = (await butler.datastore.size({ path })) ?? null;
    // Of members of archives no checksum is kept.
    const checksum = path.includes('#') ? null : await blake2b(butler.datastore.absolute({ path }));
    await db.run(
      `UPDATE file_datastore_records SET file_size = ?, checksum = CASE WHEN checksum IS NULL THEN NULL ELSE ? END
       WHERE dataset_id = ? AND path = ?`,
      [size, checksum, uuidHex(datasetId), path],
    );
  }
  return findings.length;
}

async function quarantine(context: DoctorContext, findings: readonly Finding[]): Promise<number> {
  const { datastore } = context.butler;
  const paths = new Set(findings.map(({ data }) => (data as ScanProblem).path));
  await unstore(context, findings);
  for (const path of paths) {
    const absolute = datastore.absolute({ path });
    const inside = relativeTo(datastore.root, absolute);
    // What lies outside of the datastore is not ours to move, and an archive has other members.
    if (inside !== undefined && !path.includes('#'))
      await datastore.store.move(absolute, join(context.asideFolder, inside));
  }
  return findings.length;
}

/** Moves or deletes files that still belong to no dataset, while nobody can register any. */
async function putAside(context: DoctorContext, findings: readonly Finding[]): Promise<number> {
  const { registry, datastore } = context.butler;
  return registry.db.transaction(async () => {
    const paths = findings.map(({ subject }) => subject);
    const owners = await registry.files.owners(paths);
    const used = await registry.trash.inUse(paths, { membersOf: recordedMembers(datastore) });
    let done = 0;
    for (const { data } of findings) {
      const { path, absolute } = data as { path: string; absolute: string };
      if (owners.has(path) || used.has(path)) continue;
      if (context.deleteFiles) await datastore.store.remove(absolute);
      else await datastore.store.move(absolute, join(context.asideFolder, path));
      done++;
    }
    return done;
  });
}
