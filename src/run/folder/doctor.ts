// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Butler, Check, Finding } from '../../butler/index.ts';
import { livenessOf, type ProcessIdentity } from './process-identity.ts';
import { listRuns, RunFolder } from './run-folder.ts';

/** What controllers and workers that were killed leave in the folders of their runs. */
export const runFolderCheck: Check = {
  name: 'runs',
  kinds: [
    {
      name: 'begun-run',
      title: 'runs that were begun and left before they had a graph',
      severity: 'scratch',
      repair: 'removes the folder of the run',
    },
    {
      name: 'stale-lock',
      title: 'locks of runs whose controller has ended',
      severity: 'scratch',
      repair: 'removes the lock',
    },
    {
      name: 'stale-worker',
      title: 'workers on the roster of a run that have ended',
      severity: 'scratch',
      repair: 'strikes them off',
    },
    {
      name: 'run-scratch',
      title: 'unfinished files in the folders of runs',
      severity: 'scratch',
      repair: 'deletes them',
    },
  ],
  async *find({ butler }) {
    for (const info of listRuns(butler.root))
      yield findingsIn(RunFolder.open(butler.root, info.run), info.run, info.begunBy);
  },
  async repair(_context, _kind, findings) {
    for (const { data } of findings) rmSync(data as string, { recursive: true, force: true });
    return findings.length;
  },
};

function findingsIn(folder: RunFolder, run: string, begunBy: ProcessIdentity | undefined): Finding[] {
  const found = (kind: string, detail: string, path: string): Finding => ({ kind, subject: run, detail, data: path });
  if (!existsSync(folder.graphPath) && !existsSync(folder.outcomesPath)) {
    const dead = begunBy === undefined || livenessOf(begunBy) === 'dead';
    return dead ? [found('begun-run', 'it has neither graph nor outcomes', folder.path)] : [];
  }
  const findings: Finding[] = [];
  const isDead = (path: string): boolean => {
    const holder = identityIn(path);
    return holder === undefined || livenessOf(holder) === 'dead';
  };
  const busy = existsSync(folder.lockPath) && !isDead(folder.lockPath);
  if (busy) return findings;
  if (existsSync(folder.lockPath)) {
    const pid = identityIn(folder.lockPath)?.pid;
    findings.push(
      found('stale-lock', pid === undefined ? 'it is cut off' : `process ${pid} has ended`, folder.lockPath),
    );
  }
  for (const name of existsSync(folder.workersFolder) ? readdirSync(folder.workersFolder) : []) {
    const path = join(folder.workersFolder, name);
    if (isDead(path)) findings.push(found('stale-worker', `${name.replace(/\.json$/, '')} has ended`, path));
  }
  for (const name of readdirSync(folder.path)) {
    if (/\.(part|tmp|takeover)$|^lock\.|\.json\.\d+$/.test(name))
      findings.push(found('run-scratch', name, join(folder.path, name)));
  }
  return findings;
}

/** Undefined where the file was not written to its end. */
function identityIn(path: string): ProcessIdentity | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as ProcessIdentity;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/**
 * Folders of the datastore (named after their RUN collection) whose files may have no records yet, and why: outputs are files first,
 * and a production that was interrupted registers them when the same command is given again.
 */
export async function productionsUnderway(butler: Butler): Promise<Map<string, string>> {
  const runs = new Set((await butler.listCollections(undefined, ['RUN'])).map((run) => run.name));
  const out = new Map<string, string>();
  for (const { run } of listRuns(butler.root)) {
    if (!runs.has(run)) continue;
    const { lockPath } = RunFolder.open(butler.root, run);
    const holder = existsSync(lockPath) ? identityIn(lockPath) : undefined;
    const live = holder !== undefined && livenessOf(holder) !== 'dead';
    out.set(
      run,
      live ? `"${run}" is being produced` : `the command that produced "${run}" may take it up when it is given again`,
    );
  }
  return out;
}
