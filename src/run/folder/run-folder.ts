// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { didYouMean } from '../../base/index.ts';
import { runErrors } from '../errors.ts';

/** What a run is, kept beside its graph: enough to know that a command means this run. */
export interface RunInfo {
  run: string;
  graphId: string;
  createdAt: string;
  /** Output chain, if any. */
  output?: string;
  inputs: readonly string[];
  where: string;
  pipeline: string;
  /** Digest of everything that makes two commands the same; the caller's choice, see {@link findRun}. */
  commandDigest?: string;
}

/**
 * The folder of one run: `<repository>/.skymill/runs/<run, percent-encoded>/`.
 *
 *     run.json       RunInfo
 *     graph          the quantum graph
 *     outcomes.log   what happened (outcomes/log.ts)
 *     events.jsonl   what the scheduler was told, where that was asked for
 *     lock           who is executing it
 *     workers/       processes at work
 *     logs/          one log file per worker; attempts are ranges of them
 */
export class RunFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static create(root: string, info: RunInfo): RunFolder {
    const folder = new RunFolder(join(runsFolder(root), encodeURIComponent(info.run)));
    mkdirSync(folder.logFolder, { recursive: true });
    // Without graph and log there was no run yet, only the beginning of one.
    const begun = existsSync(folder.graphPath) || existsSync(folder.outcomesPath);
    const known = begun && existsSync(folder.infoPath) ? folder.info() : undefined;
    if (known !== undefined && known.graphId !== info.graphId)
      throw runErrors.OTHER_GRAPH({ run: info.run, graph: info.graphId, other: known.graphId });
    if (known === undefined) {
      const aside = `${folder.infoPath}.${process.pid}`;
      writeFileSync(aside, `${JSON.stringify(info, undefined, 2)}\n`);
      renameSync(aside, folder.infoPath);
    }
    return folder;
  }

  static open(root: string, run: string): RunFolder {
    const folder = new RunFolder(join(runsFolder(root), encodeURIComponent(run)));
    if (!existsSync(folder.infoPath)) {
      const hint = didYouMean(
        run,
        listRuns(root).map((r) => r.run),
      );
      throw runErrors.NO_SUCH_RUN({ run, root, hint });
    }
    return folder;
  }

  get infoPath(): string {
    return join(this.path, 'run.json');
  }
  get graphPath(): string {
    return join(this.path, 'graph');
  }
  get outcomesPath(): string {
    return join(this.path, 'outcomes.log');
  }
  get eventsPath(): string {
    return join(this.path, 'events.jsonl');
  }
  get lockPath(): string {
    return join(this.path, 'lock');
  }
  get workersFolder(): string {
    return join(this.path, 'workers');
  }
  get logFolder(): string {
    return join(this.path, 'logs');
  }

  info(): RunInfo {
    return JSON.parse(readFileSync(this.infoPath, 'utf8')) as RunInfo;
  }
}

/** The runs that were executed (or begun) in a repository, newest first. */
export function listRuns(root: string): RunInfo[] {
  const folder = runsFolder(root);
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .map((name) => join(folder, name, 'run.json'))
    .filter((path) => existsSync(path))
    .map((path) => JSON.parse(readFileSync(path, 'utf8')) as RunInfo)
    .sort((a, b) => (a.createdAt < b.createdAt ? 1 : -1));
}

/** The newest run that the same command began, whose graph is there: the one to continue. */
export function findRun(root: string, commandDigest: string): RunFolder | undefined {
  for (const info of listRuns(root)) {
    if (info.commandDigest !== commandDigest) continue;
    const folder = RunFolder.open(root, info.run);
    if (existsSync(folder.graphPath)) return folder;
  }
  return undefined;
}

function runsFolder(root: string): string {
  return join(root, '.skymill', 'runs');
}
