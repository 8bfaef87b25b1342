// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { Butler, verifyRepository } from '../../src/butler/index.ts';
import { type DemoStep, demoScript } from '../../src/cli/demo/script.ts';
import { listRuns, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { skymill } from './commands.ts';

const pipelines = resolve(import.meta.dirname, '../../pipelines');

/** The commands of the tiny demonstration in a folder (its `survey` and `repo`), cut into what comes before the production and the rest. */
export function tinySurvey(folder: string): { before: DemoStep[]; production: DemoStep; after: DemoStep[] } {
  const steps = demoScript(folder, true, pipelines);
  const at = steps.findIndex(({ words }) => words[0] === 'run' && words[1].endsWith('drp.yaml'));
  if (at < 0) throw new Error('the demonstration has no production');
  return { before: steps.slice(0, at), production: steps[at], after: steps.slice(at + 1) };
}

/** Runs commands one after the other; each must end well. */
export function runSteps(steps: readonly Pick<DemoStep, 'words'>[]): void {
  for (const { words } of steps) {
    const { status, stderr } = skymill(words);
    if (status !== 0) throw new Error(`skymill ${words.join(' ')} ended with ${status}:\n${stderr}`);
  }
}

/** Whether a step is up to bringing the raw frames in: enough for tests of headers, files and queries. */
const bringsRaws = ({ words }: DemoStep): boolean =>
  ['simulate', 'create', 'register-instrument', 'ingest-raws', 'define-visits'].includes(words[0]);

const made = new Map<'raws' | 'all', string>();

/**
 * A folder with a tiny survey and its repository: with its raw frames (`raws`), or with all that the production needs (`all`). Made once
 * per test process; each call gives a copy of its own, to be removed by the caller.
 */
export function surveyCopy(what: 'raws' | 'all'): { folder: string; survey: string; repo: string } {
  let original = made.get(what);
  if (original === undefined) {
    original = mkdtempSync(join(tmpdir(), `skymill-survey-${what}-`));
    made.set(what, original);
    const folder = original;
    process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
    const { before } = tinySurvey(original);
    runSteps(what === 'raws' ? before.filter(bringsRaws) : before);
  }
  const folder = mkdtempSync(join(tmpdir(), 'skymill-copy-'));
  cpSync(original, folder, { recursive: true });
  return { folder, survey: join(folder, 'survey'), repo: join(folder, 'repo') };
}

/** What is to be seen of a repository: the same after any history that ends in the same products. */
export interface Snapshot {
  /** Files of the datastore, run times left out of their names, with a digest of the contents; logs and times of tasks without. */
  files: Record<string, string>;
  /** Datasets of each type by collection and data ID. */
  datasets: string[];
  /** Collections with their type and children. */
  collections: string[];
  /** What is wrong: files that are absent, damaged, unfinished, owned by nobody; locks and scratch left behind. */
  wrong: string[];
}

/** Run names hold the time they began at. */
const timeless = (text: string): string => text.replace(/\d{8}T\d{6}Z/g, 'TIME');
/** These say when and how long, and so differ from run to run. */
const tellsTime = /_(metadata|log)$/;

export async function snapshot(repo: string): Promise<Snapshot> {
  const butler = await Butler.open(repo);
  try {
    const seen: Snapshot = { files: {}, datasets: [], collections: [], wrong: [] };
    for (const { name, type, children } of await butler.listCollections())
      seen.collections.push(timeless(`${name} ${type} ${children?.join(',') ?? ''}`));
    const runs = (await butler.listCollections(undefined, ['RUN'])).map(({ name }) => name);
    const known = new Set<string>();
    for (const { name } of await butler.listDatasetTypes()) {
      for await (const ref of butler.query().datasets(name, { collections: runs })) {
        seen.datasets.push(timeless(`${name} ${ref.run} ${ref.dataId.key}`));
        known.add(ref.id);
        for (const { path } of (await butler.getFileRecords([ref.id]))[0]) {
          const absolute = resolve(butler.datastoreRoot, path);
          const content = tellsTime.test(name) ? 'there' : digest(absolute);
          // Which archive a log is in, and where, differs from run to run.
          const key = timeless(path.includes('#') ? `${name} ${ref.run} ${ref.dataId.key}` : path);
          if (seen.files[key] !== undefined && tellsTime.test(name)) seen.wrong.push(`${key} is there twice`);
          seen.files[key] = content;
        }
      }
    }
    seen.datasets.sort();
    seen.collections.sort();
    const verified = await verifyRepository(butler, { checksums: true });
    for (const { kind, path, detail } of verified.problems) seen.wrong.push(`${kind}: ${path}: ${detail}`);
    for (const path of verified.orphans) seen.wrong.push(`${path} belongs to no dataset`);
    for (const path of verified.scratch) seen.wrong.push(`${path} is an unfinished file`);
    if (verified.trash > 0) seen.wrong.push(`${verified.trash} datasets wait to be deleted`);
    seen.wrong.push(...wrongWithRuns(repo));
    for (const name of Object.keys(filesBelow(repo)))
      if (/\.(part|tmp|takeover)$|\.json\.\d+$/.test(name)) seen.wrong.push(`${name} is unfinished`);
    return seen;
  } finally {
    await butler.close();
  }
}

function wrongWithRuns(repo: string): string[] {
  const wrong: string[] = [];
  for (const { run } of listRuns(repo)) {
    const folder = RunFolder.open(repo, run);
    if (existsSync(folder.lockPath)) wrong.push(`${run}: the lock is still there`);
    if (existsSync(folder.workersFolder) && readdirSync(folder.workersFolder).length > 0)
      wrong.push(`${run}: workers are still on the roster`);
    if (!existsSync(folder.graphPath) || !existsSync(folder.outcomesPath)) wrong.push(`${run}: was begun and left`);
    else for (const _ of readOutcomeLog(folder.outcomesPath)); // throws when damaged
    for (const name of readdirSync(folder.path))
      if (!['run.json', 'graph', 'outcomes.log', 'usage.json', 'logs', 'workers'].includes(name))
        wrong.push(`${run}: ${name} is left`);
  }
  return wrong;
}

export function digest(path: string): string {
  if (!existsSync(path)) return 'absent';
  return createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16);
}

/** Every file below a folder, relative to it, with its size. */
export function filesBelow(folder: string): Record<string, number> {
  const files: Record<string, number> = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isDirectory()) continue;
    const path = join(entry.parentPath, entry.name);
    files[relative(folder, path)] = statSync(path).size;
  }
  return files;
}
