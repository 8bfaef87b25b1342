// SPDX-License-Identifier: BSD-3-Clause
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { didYouMean, systemError } from '../../base/index.ts';
import { runErrors } from '../errors.ts';
import { holderOf, RunLock } from './lock.ts';
import { identityOf, livenessOf, type ProcessIdentity } from './process-identity.ts';

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
  /** Who began it. */
  begunBy?: ProcessIdentity;
  /** Digest of everything that makes two commands the same; the caller's choice, see {@link findRun}. */
  commandDigest?: string;
  /** Of each task, by label, which code it was: a version, or a digest of the source. */
  code?: Readonly<Record<string, string>>;
}

/**
 * The folder of one run: `<repository>/.skymill/runs/<run, percent-encoded>/`.
 *
 *     run.json       RunInfo
 *     graph          the quantum graph
 *     plan.json      of a run that continues others: what it keeps, and why the rest runs (continue/kept-plan.ts)
 *     outcomes.log   what happened (outcomes/log.ts)
 *     events.jsonl   what the scheduler was told, where that was asked for
 *     lock           who is executing it
 *     workers/       processes at work
 *     logs/          one log file per worker; attempts are ranges of them
 */
export class RunFolder {
  readonly path: string;
  readonly #aside: string;

  private constructor(path: string) {
    this.path = path;
    this.#aside = `${this.infoPath}.${hostname()}.${process.pid}.new`;
  }

  static create(root: string, info: RunInfo): RunFolder {
    const folder = new RunFolder(join(runsFolder(root), encodeURIComponent(info.run)));
    try {
      folder.clearBeginning();
      folder.#begin({ ...info, begunBy: identityOf(process.pid) });
    } catch (error) {
      folder.#leave();
      throw systemError(error, folder.path);
    }
    removeBeginnings(root, info);
    return folder;
  }

  #begin(info: RunInfo): void {
    mkdirSync(this.logFolder, { recursive: true });
    const known = this.#isBegun() && existsSync(this.infoPath) ? this.info() : undefined;
    if (known !== undefined && known.graphId !== info.graphId)
      throw runErrors.OTHER_GRAPH({ run: info.run, graph: info.graphId, other: known.graphId });
    if (known === undefined && !this.#isBegunElsewhere(info.graphId)) {
      // A name of its own, since several may begin at the same moment: who gets the lock is decided later.
      writeFileSync(this.#aside, `${JSON.stringify(info, undefined, 2)}\n`, { flush: true });
      renameSync(this.#aside, this.infoPath);
      this.#clearAsides();
    }
  }

  /** Another process that lives has begun the same at this moment. */
  #isBegunElsewhere(graphId: string): boolean {
    if (!existsSync(this.infoPath)) return false;
    const { graphId: theirs, begunBy } = this.info();
    return theirs === graphId && begunBy !== undefined && livenessOf(begunBy) !== 'dead';
  }

  /** Unfinished files of processes that were killed over them. */
  #clearAsides(): void {
    for (const name of readdirSync(this.path)) {
      const found = /^run\.json\.(.+)\.(\d+)\.new$/.exec(name);
      if (found === null) continue;
      const writer = { host: found[1], pid: Number(found[2]), startTicks: null, bootId: null };
      if (livenessOf(writer) === 'dead') rmSync(join(this.path, name), { force: true });
    }
  }

  /** Takes back what this process made when it could not begin; nothing that another has begun meanwhile. */
  #leave(): void {
    rmSync(this.#aside, { force: true });
    if (existsSync(this.infoPath) || this.#isBegun()) return;
    for (const folder of [this.logFolder, this.path]) {
      try {
        rmdirSync(folder);
      } catch (error) {
        // Another is beginning there, or the folder could not even be made.
        if (!['ENOTEMPTY', 'ENOENT', 'ENOTDIR', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? ''))
          throw error;
      }
    }
  }

  /**
   * Clears what a command that was killed before its graph was kept left under this very name: names hold seconds, and the same
   * command again may come within one.
   */
  clearBeginning(): void {
    if (existsSync(this.infoPath) && this.#isAbandoned()) this.remove();
  }

  /** Nothing came of it yet, who began it is dead, and nobody else has taken it up. */
  #isAbandoned(): boolean {
    const { begunBy } = this.info();
    if (this.#isBegun() || begunBy === undefined || livenessOf(begunBy) !== 'dead') return false;
    const holder = holderOf(this.lockPath);
    return holder === undefined || holder.life === 'dead';
  }

  /** Without graph and log there is no run yet, only the beginning of one. */
  #isBegun(): boolean {
    return existsSync(this.graphPath) || existsSync(this.outcomesPath);
  }

  /**
   * Makes room for another graph of a run that ended: its folder goes to `runs/.earlier/`. Refused while somebody executes it.
   * @returns what puts it back
   */
  static setAside(root: string, run: string): () => void {
    const { path, lockPath } = new RunFolder(join(runsFolder(root), encodeURIComponent(run)));
    if (!existsSync(path)) return () => {};
    const lock = RunLock.acquire(lockPath, run);
    try {
      const earlier = join(runsFolder(root), '.earlier');
      mkdirSync(earlier, { recursive: true });
      let n = 1;
      while (existsSync(join(earlier, `${encodeURIComponent(run)}~${n}`))) n++;
      const aside = join(earlier, `${encodeURIComponent(run)}~${n}`);
      renameSync(path, aside);
      rmSync(join(aside, 'lock'), { force: true });
      return () => renameSync(aside, path);
    } finally {
      lock.release();
    }
  }

  /** Takes back a run of which nothing was executed yet. */
  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  /** Undefined: nothing was executed into such a run. */
  static find(root: string, run: string): RunFolder | undefined {
    const folder = new RunFolder(join(runsFolder(root), encodeURIComponent(run)));
    return existsSync(folder.infoPath) ? folder : undefined;
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
  get planPath(): string {
    return join(this.path, 'plan.json');
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

/** Removes what the same command left when it was killed before its graph was kept. */
function removeBeginnings(root: string, { run, commandDigest }: RunInfo): void {
  for (const other of listRuns(root)) {
    if (other.run === run || other.commandDigest !== commandDigest || commandDigest === undefined) continue;
    RunFolder.open(root, other.run).clearBeginning();
  }
}

function runsFolder(root: string): string {
  return join(root, '.skymill', 'runs');
}
