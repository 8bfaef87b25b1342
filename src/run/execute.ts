// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, hostname, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import type { ButlerApi, FileRecord } from '../butler/index.ts';
import type { QuantumGraph } from '../graph/index.ts';
import type { TaskDefinition } from '../pipeline/index.ts';
import { steadyUnixMs } from './clock.ts';
import { type QuantumRecords, RunArchives } from './controller/archives.ts';
import { prepareCollections } from './controller/collections.ts';
import { Controller } from './controller/controller.ts';
import { HandOver, remadeRecord } from './controller/hand-over.ts';
import { locatePending } from './controller/pending-inputs.ts';
import { QuantumSpecs } from './controller/quantum-specs.ts';
import { readersByType } from './controller/readers.ts';
import { Registrar } from './controller/registrar.ts';
import { findEarlier, redoneRecords } from './controller/resume.ts';
import { sweepAfter } from './controller/sweep.ts';
import { type VerifyMode, verifyFiles } from './controller/verify-files.ts';
import { runErrors } from './errors.ts';
import { type Exclusion, excludedEvent, findExcluded } from './exclude.ts';
import { exitCodeOf } from './exit-codes.ts';
import { telling } from './folder/environment.ts';
import { RunLock } from './folder/lock.ts';
import { WorkerRoster } from './folder/orphans.ts';
import { RunFolder } from './folder/run-folder.ts';
import { EarlierHeld, filesOf } from './in-memory/earlier.ts';
import { inMemoryEvent, planInMemory, wantedInMemory } from './in-memory/plan.ts';
import { OutcomeLogWriter } from './outcomes/log.ts';
import type { OutputRecord } from './outcomes/record.ts';
import { universeOf } from './places.ts';
import type { RunEvent } from './progress/events.ts';
import type { Progress } from './progress/snapshot.ts';
import { keepUsage, learnedUsage } from './requests/learned.ts';
import { UsageLearner } from './requests/learner.ts';
import { DEFAULT_REQUEST, requestRecord, requestTable } from './requests/request-table.ts';
import { createScheduler, type RetryRule, type SchedulerEvent, schedulerGraph, step } from './scheduler/index.ts';
import { onInterrupt } from './signals.ts';
import { WarmProcesses, type WorkerCommand } from './workers/begin-process.ts';
import { WorkerPool } from './workers/pool.ts';
import type { SetupMessage } from './workers/protocol.ts';

export interface ExecuteOptions {
  /** How to start a worker: the entry file calls `workerMain`. */
  worker: WorkerCommand;
  /** Processes of this command that were begun before; those that are not needed are ended. */
  warm?: WarmProcesses;
  /** Worker processes, and cores used at a time. Default: the cores of this machine. */
  jobs?: number;
  /** Memory all quanta together may request. Default: nine tenths of this machine's, or of its control group's. */
  memoryBytes?: number;
  rules?: readonly RetryRule[];
  /** Rules that decide nothing: what they would have done is recorded. */
  passiveRules?: readonly RetryRule[];
  /** An attempt is killed after this many times its task's requested wall seconds; 0 never. Default 10. */
  limitFactor?: number;
  /** An attempt that neither computes nor reads or writes for so many seconds is ended; 0: never. Default 600. */
  hangSeconds?: number;
  /** An attempt is ended when its worker takes this many times the memory requested; 0: only when the machine's memory runs out. Default 2. */
  memoryLimitFactor?: number;
  /** Start from what earlier runs of the repository took (requests/), or only from what tasks declare. Default `learned`. */
  requests?: 'learned' | 'declared';
  /** The runner's side of tasks, by label: their `resources` are asked for each quantum with the sizes of its inputs. */
  definitions?: ReadonlyMap<string, TaskDefinition>;
  /** Memory requested for tasks that do not say. Default 512 MiB. */
  defaultMemoryBytes?: number;
  /**
   * Of the memory, how much all workers together may take to keep datasets for the quanta that read them next; less where quanta request the
   * memory. Default a quarter; 0: nothing is kept.
   */
  cacheBytes?: number;
  /** Where the logs and metadata of quanta go. Default `archives`: a few for each worker. */
  quantumRecords?: QuantumRecords;
  /** Dataset types that are not kept: they are handed over in memory where that can be done (in-memory/plan.ts), and written where not. */
  inMemory?: readonly string[];
  /** Take a lock from a controller on another machine that is known to be gone. */
  takeOver?: boolean;
  /** Data IDs to leave out; their dependents run with what is left, where that is enough. */
  exclude?: readonly Exclusion[];
  /** How the files of what is done already are looked at before it is not done again. Default `size`. */
  verify?: VerifyMode;
  /** How long the registry may be away before the run stops; what was computed waits in the outcome log. Default 600. */
  registryPatienceSeconds?: number;
  /** Kept with the run, to find it again by {@link findRun}. */
  commandDigest?: string;
  /** Where scratch folders go. Default: the system's folder for temporary files. */
  scratchRoot?: string;
  onEvent?: (event: RunEvent) => void;
  /** Seconds between progress events. Default 0.5. */
  progressSeconds?: number;
  /** Let Ctrl-C drain, a second one and SIGTERM cancel. Default false: for embedding. */
  handleSignals?: boolean;
  /** Keep every event the scheduler is told in `events.jsonl` of the run folder: replaying them gives its state at any moment. */
  recordEvents?: boolean;
  /** Stops the run from outside: `drain` as one Ctrl-C. */
  signal?: AbortSignal;
}

export interface RunSummary {
  run: string;
  how: 'complete' | 'drained' | 'cancelled';
  /** {@link RUN_EXIT} */
  exitCode: number;
  progress: Progress;
  wallSeconds: number;
  folder: string;
  registered: number;
}

/**
 * Executes a graph into its output run, or continues it: what the run folder's log says is done, and whose files verify, is not
 * done again. Refuses to be the second controller of a run. Resolves when every quantum has ended or the operator stopped it;
 * rejects when the run as such cannot go on (no workers, no space for the log, the registry is gone). Whatever happens, at whatever
 * moment, the same call continues.
 */
export async function execute(graph: QuantumGraph, butler: ButlerApi, options: ExecuteOptions): Promise<RunSummary> {
  const started = performance.now();
  const { header } = graph;
  const run = header.outputRun;
  if (!butler.writeable) throw runErrors.READ_ONLY({ root: butler.root });
  if (header.repositoryId !== butler.repositoryId)
    throw runErrors.OTHER_REPOSITORY({ graph: graph.id, built: header.repositoryId, opened: butler.repositoryId });
  if (graph.quantumCount === 0) throw runErrors.EMPTY_GRAPH({ run });

  const folder = RunFolder.create(butler.root, {
    run,
    graphId: graph.id,
    createdAt: new Date().toISOString(),
    output: header.output,
    inputs: header.inputs,
    where: header.where,
    pipeline: header.pipeline,
    commandDigest: options.commandDigest,
  });
  const lock = RunLock.acquire(folder.lockPath, run, options.takeOver);
  // They load their code while it is found out what is to be done.
  const jobs = Math.max(1, options.jobs ?? availableParallelism());
  const warm = (options.warm ?? new WarmProcesses(options.worker)).begin(Math.min(jobs, graph.quantumCount));
  try {
    return await executeLocked(graph, butler, options, folder, lock, warm, started);
  } finally {
    warm.end();
    lock.release();
  }
}

async function executeLocked(
  graph: QuantumGraph,
  butler: ButlerApi,
  options: ExecuteOptions,
  folder: RunFolder,
  lock: RunLock,
  warm: WarmProcesses,
  startedMs: number,
): Promise<RunSummary> {
  const run = graph.header.outputRun;
  const tickSeconds = options.progressSeconds ?? 0.5;
  const jobs = Math.max(1, options.jobs ?? availableParallelism());
  const memoryBytes = options.memoryBytes ?? Math.floor(usableMemory() * 0.9);
  const roster = new WorkerRoster(folder.workersFolder);
  const orphans = await roster.clearOrphans();
  const orphansKilled = orphans.killed;

  const defaults = {
    cores: DEFAULT_REQUEST.cores,
    memoryBytes: options.defaultMemoryBytes ?? DEFAULT_REQUEST.memoryBytes,
    limitFactor: options.limitFactor ?? 10,
  };
  const learned = options.requests === 'declared' ? undefined : learnedUsage(butler.root);
  const requests = requestTable(graph, { definitions: options.definitions, learned, defaults });
  const learner = new UsageLearner(graph);
  const emit: (event: RunEvent) => void = (event) => {
    if (event.type === 'attempt') learner.attempt(event.record);
    options.onEvent?.(event);
  };
  const archives = new RunArchives(butler, run, (problem) => emit({ type: 'archiveLeft', problem: problem.message }));
  await archives.finishAll();
  const numbers = schedulerGraph(graph, defaults, requests);
  const plan = planInMemory(graph, numbers, wantedInMemory(graph, options.inMemory), {
    jobs,
    memoryBytes: memoryBytes / jobs,
  });
  const pending = await locatePending(graph, butler);
  const specs = new QuantumSpecs(graph, butler, pending.located);
  specs.archiving = options.quantumRecords !== 'files';
  await sweepAfter(orphans.workers, graph, butler, specs);
  await prepareCollections(graph, butler, specs, plan.types);
  const record = options.recordEvents ? eventRecorder(folder.eventsPath) : () => {};
  const state = createScheduler(numbers, {
    clusters: plan.clusters,
    cores: jobs,
    memoryBytes,
    rules: options.rules,
    passiveRules: options.passiveRules,
  });

  const excluded = findExcluded(graph, options.exclude ?? []);
  const log = OutcomeLogWriter.open(folder.outcomesPath, () => {});
  // Named after the graph, so that what a killed controller left is found and goes.
  const scratchFolder = join(options.scratchRoot ?? tmpdir(), `skymill-${graph.id}`);
  rmSync(scratchFolder, { recursive: true, force: true });
  mkdirSync(scratchFolder, { recursive: true });
  try {
    const registrar = new Registrar(butler, (row) => specs.ref(row), log, {
      patienceSeconds: options.registryPatienceSeconds,
    });
    const preset = (event: PresetEvent | AbsentEvent) => {
      record(event);
      step(state, event);
    };
    if (pending.absent.length > 0) preset({ type: 'absent', datasets: pending.absent });
    const heldEarlier = new EarlierHeld(graph, plan);
    const verify = (files: readonly FileRecord[]) => verifyFiles(butler, files, options.verify);
    const earlier = await findEarlier(folder.outcomesPath, graph, verify, {
      preset: (event, attempt) => {
        if (!excluded.quanta.has(event.quantum) && heldEarlier.settles(event, attempt)) preset(event);
      },
      outputs: async (records, unregistered) => {
        specs.made(records);
        registrar.add(options.verify === 'checksum' ? records : unregistered);
        await registrar.flush();
      },
      lost: (records) => withdraw(butler, records),
    });
    const { presets, again } = heldEarlier.decide((quantum) => excluded.quanta.has(quantum));
    for (const event of presets) preset(event);
    for (const quantum of excluded.quanta.keys()) preset(excludedEvent(graph, quantum));
    const skipped = state.graph.quantumCount - state.stateTotals[0] - excluded.quanta.size;
    if (skipped > 0 || orphansKilled > 0)
      emit({
        type: 'resumed',
        skipped,
        registered: registrar.registered,
        orphansKilled,
        lost: earlier.lost.length,
        excluded: excluded.quanta.size,
      });
    log.append({
      type: 'runStarted',
      version: 1,
      run,
      graphId: graph.id,
      host: hostname(),
      pid: process.pid,
      startedUnixMs: steadyUnixMs(),
      jobs,
      memoryBytes,
      skipped,
      requests: requests.map(requestRecord),
      variables: telling({ ...process.env, ...options.worker.env }),
    });
    for (const redone of redoneRecords(earlier.lost)) log.append(redone);
    if (again.size > 0) log.append(remadeRecord([...again]));
    for (const [exclusion, quanta] of Map.groupBy(excluded.quanta.keys(), (q) => excluded.quanta.get(q)!))
      log.append({ type: 'excluded', quanta, by: exclusion.text, unixMs: Date.now() });
    emit({ type: 'started', run, quanta: graph.quantumCount, jobs, folder: folder.path });

    if (plan.types.length + plan.written.length > 0) emit(inMemoryEvent(plan));
    const controller = new Controller({
      graph,
      handOver: plan.clusters && new HandOver(graph, plan.isInMemory, filesOf(folder.outcomesPath, again)),
      butler,
      state,
      specs,
      log,
      registrar,
      folder,
      jobs,
      tickSeconds,
      limits: {
        memory: {
          factor: options.memoryLimitFactor ?? 2,
          stated: requests.map(({ source }) => source !== 'default'),
          totalBytes: usableMemory() * 0.95,
        },
        hangSeconds: options.hangSeconds ?? 600,
      },
      emit,
      record,
      onSpawn: (pid, places) => roster.add(pid, places),
      onGone: (pid) => {
        roster.remove(pid);
        archives.finishOf(pid);
      },
    });
    lock.watch((error) => controller.onFatal(error));
    const open = state.stateTotals[0];
    const pool = new WorkerPool(
      {
        size: Math.min(jobs, Math.max(1, open)),
        command: options.worker,
        warm,
        setup: {
          ...placeOf(butler),
          run,
          archiveFolder: options.quantumRecords === 'files' ? undefined : archives.folder,
          datasetTypes: specs.datasetTypes(),
          tasks: specs.tasks(),
          memory: {
            keepBytes: Math.floor((options.cacheBytes ?? memoryBytes / 4) / jobs),
            shareBytes: Math.floor(memoryBytes / jobs),
            readers: readersByType(graph, butler.universe),
          },
        },
        logFolder: folder.logFolder,
        scratchFolder,
        startSeconds: options.hangSeconds ?? 600,
      },
      controller,
    );
    const quiet = onInterrupt(options.handleSignals === true, options.signal, controller);
    let how: RunSummary['how'] | undefined;
    try {
      how = open > 0 || !earlier.initDone ? await controller.run(pool, !earlier.initDone) : 'complete';
      const telling = setInterval(() => {
        if (registrar.wait !== undefined) emit({ type: 'progress', progress: controller.progress() });
      }, tickSeconds * 1000);
      await registrar.flush().finally(() => clearInterval(telling));
    } finally {
      quiet();
      if (how !== 'complete' && how !== 'drained') pool.killAll(); // what still runs would run in vain
      await pool.stop();
      await registrar.settled();
      // Where the run failed, its error is what must be heard; else nothing was cut off and this cannot fail any more.
      await Promise.allSettled([controller.cleaned(), archives.finishAll()]);
    }
    await archives.removeUnused();
    log.append({ type: 'runEnded', endedUnixMs: steadyUnixMs(), how });
    log.sync();
    try {
      keepUsage(folder, learner.summary(Date.now()));
    } catch (error) {
      emit({ type: 'usageNotKept', problem: (error as Error).message }); // the run is as good without
    }
    const progress = controller.progress();
    const exitCode = exitCodeOf(how, progress.counts);
    emit({ type: 'ended', how, progress, exitCode });
    const wallSeconds = (performance.now() - startedMs) / 1000;
    return { run, how, exitCode, progress, wallSeconds, folder: folder.path, registered: registrar.registered };
  } finally {
    log.close();
    rmSync(scratchFolder, { recursive: true, force: true });
  }
}

type PresetEvent = Extract<SchedulerEvent, { type: 'preset' }>;
type AbsentEvent = Extract<SchedulerEvent, { type: 'absent' }>;

/** Each execution begins a new file: its events start from a fresh state. */
function eventRecorder(path: string): (event: SchedulerEvent) => void {
  writeFileSync(path, '');
  return (event) => appendFileSync(path, `${JSON.stringify(event)}\n`);
}

/** Takes datasets whose files do not verify out of the registry, so that it never states what is not so; their quanta register them anew. */
async function withdraw(butler: ButlerApi, records: readonly OutputRecord[]): Promise<void> {
  if (records.length === 0) return;
  const known = await butler.getDatasets(records.map(({ file }) => file.datasetId));
  await butler.removeDatasets(known.filter((ref) => ref !== undefined));
}

/** What a job needs to know of the repository. */
function placeOf(butler: ButlerApi): Pick<SetupMessage, 'root' | 'datastoreRoot' | 'universe'> {
  const { root, datastoreRoot } = butler;
  return { root, datastoreRoot, universe: universeOf(butler) };
}

function usableMemory(): number {
  const limit = process.constrainedMemory();
  return limit > 0 && limit < totalmem() ? limit : totalmem();
}
