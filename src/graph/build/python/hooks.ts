// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../../base/index.ts';
import type { DataIdValue, DatasetColumns } from '../../../butler/index.ts';
import { PythonFailed, PythonWorker, pythonProgram } from '../../../pipeline/index.ts';
import { graphErrors } from '../../errors.ts';
import { PagedColumn } from '../../paged/column.ts';
import type { BuildContext } from '../candidates.ts';
import { dropEdges, dropOutputs } from '../drop-edges.ts';
import { type FoundDatasets, keepFound } from '../found.ts';
import type { PythonHookOptions } from '../options.ts';
import type { PruneLog } from '../prune-log.ts';
import type { RecordTables } from '../records.ts';
import { Regrouping } from '../regrouping.ts';
import type { Pairs } from '../related.ts';
import { available, failMissing, reasonFor } from '../short-inputs.ts';
import type { ConnectionEdges, TaskRows, TypeRows } from '../tables.ts';
import { batches, columnsOf, plainBatch, plainTypes } from './batch.ts';
import { giveRecords, type RecordQuestion } from './give-records.ts';

/** Places in a batch: of the quantum, and by connection of the datasets that are left. */
type Change = [quantum: number, inputs: Record<string, number[]>, outputs: Record<string, number[]>];

interface Adjusted {
  changed: Change[];
  noWork: [quantum: number, message: string, connection: string][];
  missing: [quantum: number, message: string][];
}

type Lists = Record<string, [quantum: number, datasets: number[]][]>;

interface Regrouped {
  removed: number[];
  inputs: Lists;
  outputs: Lists;
}

interface LookedUp {
  ids: string[];
  runs: string[];
  columns: Record<string, DataIdValue[]>;
  counts: number[];
  items: number[];
}

/** Batches that are under way at once: while Python works on one, the next is made. */
const ahead = 2;
/** A task may put data IDs into its messages: so many different ones are told apart. */
const mostMessages = 20;

/**
 * Has the hooks of Python tasks called while a graph is built, by one Python process which is started when the first task needs it. Nothing
 * of what they say is kept beyond the build.
 */
export class PythonHooks {
  readonly #context: BuildContext;
  readonly #options: PythonHookOptions;
  readonly #outputRun: string;
  /** Tasks that Python knows. */
  readonly #told = new Map<TaskRows, Promise<unknown>>();
  #worker: PythonWorker | undefined;

  constructor(context: BuildContext, options: PythonHookOptions, outputRun: string) {
    this.#context = context;
    this.#options = options;
    this.#outputRun = outputRun;
  }

  adjusts(rows: TaskRows): boolean {
    return rows.task.declaration.pythonHooks?.adjust === true;
  }

  regroups(rows: TaskRows): boolean {
    return rows.task.declaration.pythonHooks?.adjustAll === true;
  }

  looksUp(rows: TaskRows, connection: string): boolean {
    return rows.task.declaration.pythonHooks?.lookUps.includes(connection) === true;
  }

  async close(): Promise<void> {
    await this.#worker?.close();
  }

  /**
   * `adjustQuantum` of every quantum of a task.
   * @throws GRAPH_HOOK_FAILED with the data ID and Python's traceback, GRAPH_HOOK_UNAVAILABLE
   */
  async adjust(log: PruneLog, rows: TaskRows, records: RecordTables, missing: 'prune' | 'fail'): Promise<void> {
    const before = rows.pruned;
    const total = rows.alive.count();
    const what = `adjustQuantum of ${rows.label} in Python`;
    const messages = new Set<string>();
    const underWay: (() => Promise<void>)[] = [];
    let done = 0;
    for (const quanta of batches(rows)) {
      const { plain, rowsOf } = plainBatch(this.#context, rows, quanta);
      const answer = this.#ask<Adjusted>('adjustQuantum', rows, records, { ask: 'hooks.adjust', batch: plain });
      answer.catch(() => {}); // awaited below, after those before it
      underWay.push(async () => {
        const { changed, ...rest } = await answer;
        for (const [place, inputs, outputs] of changed) {
          keepOnly(rows, rows.inputs, quanta[place], inputs, rowsOf);
          keepOnly(rows, rows.outputs, quanta[place], outputs, rowsOf);
        }
        for (const [place, message, connection] of rest.noWork)
          this.#noWork(log, rows, quanta[place], few(messages, message), connection);
        for (const [place, message] of rest.missing)
          this.#missing(log, rows, quanta[place], missing === 'fail' ? message : few(messages, message), missing);
        done += quanta.length;
        this.#context.steps.progress(what, done, total);
      });
      if (underWay.length >= ahead) await underWay.shift()?.();
    }
    for (const one of underWay) await one();
    if (total > 0) this.#context.steps.done('python', what, total - (rows.pruned - before), total);
  }

  /** `adjust_all_quanta` of a task. Errors as {@link adjust}. */
  async regroup(log: PruneLog, rows: TaskRows, records: RecordTables): Promise<void> {
    const hook = 'adjust_all_quanta';
    const before = rows.pruned;
    let total = 0;
    for (const quanta of batches(rows)) {
      const { plain } = plainBatch(this.#context, rows, quanta);
      await this.#ask(hook, rows, records, { ask: 'hooks.collect', batch: plain });
      total += quanta.length;
    }
    if (total === 0) return;
    const answer = await this.#ask<Regrouped>(hook, rows, records, { ask: 'hooks.regroup' });
    const changes = new Regrouping(rows);
    const ascending = (a: number, b: number) => a - b;
    for (const [all, lists] of [
      [rows.inputs, answer.inputs],
      [rows.outputs, answer.outputs],
    ] as const)
      for (const edges of all)
        for (const [quantum, datasets] of lists[edges.name] ?? [])
          changes.set(edges, quantum, datasets.sort(ascending));
    for (const quantum of answer.removed) changes.remove(quantum);
    changes.apply(log);
    this.#context.steps.done('python', `${hook} of ${rows.label} in Python`, total - (rows.pruned - before), total);
  }

  /** What the look-up function of a prerequisite finds for the quanta of a task. Errors as {@link adjust}. */
  async lookUp(
    rows: TaskRows,
    connection: string,
    type: TypeRows,
    records: RecordTables,
  ): Promise<{ found: FoundDatasets; pairs: Pairs }> {
    const { pool } = this.#context;
    const dimensions = type.relation.group.required;
    const pairs = { quanta: new PagedColumn(pool), datasets: new PagedColumn(pool) };
    const found = await keepFound(this.#context, this.#answers(rows, connection, type, records, pairs), dimensions);
    return { found, pairs };
  }

  /** Batches of datasets that the look-up function of a prerequisite finds; pairs are added as they come. */
  async *#answers(
    rows: TaskRows,
    connection: string,
    type: TypeRows,
    records: RecordTables,
    pairs: Pairs,
  ): AsyncGenerator<DatasetColumns> {
    const dimensions = type.relation.group.required;
    let first = 0;
    for (const quanta of batches(rows)) {
      const answer = await this.#ask<LookedUp>(`the look-up function of ${connection}`, rows, records, {
        ask: 'hooks.lookUp',
        connection,
        quanta: { rows: quanta.length, columns: columnsOf(this.#context, rows.relation, quanta) },
      });
      let at = 0;
      for (const [place, quantum] of quanta.entries()) {
        for (const end = at + answer.counts[place]; at < end; at++) {
          pairs.quanta.push(quantum);
          pairs.datasets.push(first + answer.items[at]);
        }
      }
      const { ids, runs, columns } = answer;
      first += ids.length;
      yield { rows: ids.length, dimensions, columns, datasetType: type.name, ids, runs };
    }
  }

  #noWork(log: PruneLog, rows: TaskRows, quantum: number, message: string, connection: string): void {
    const short = rows.inputs.find(({ name }) => name === connection);
    if (short === undefined) log.drop(rows, quantum, 'noWork', { message });
    else {
      const { name, type } = short;
      log.drop(rows, quantum, reasonFor(short, quantum), { connection: name, datasetType: type.name });
    }
    dropOutputs(rows, quantum);
  }

  #missing(log: PruneLog, rows: TaskRows, quantum: number, message: string, missing: 'prune' | 'fail'): void {
    const short = rows.inputs.find(
      (input) =>
        input.connection.kind === 'prerequisite' && available(input, quantum) < (input.connection.minimum ?? 1),
    );
    if (missing === 'fail') {
      if (short !== undefined) failMissing(this.#context, rows, short);
      const dataId = this.#context.dictionaries.text(rows.relation, quantum);
      const what = 'adjustQuantum';
      throw graphErrors.HOOK_FAILED({
        label: rows.label,
        what,
        dataId: `, (${dataId})`,
        problem: message,
        traceback: '',
      });
    }
    const [connection, datasetType] = [short?.name, short?.type.name];
    log.drop(rows, quantum, 'missingPrerequisite', { connection, datasetType, message: short?.hint ?? message });
    dropOutputs(rows, quantum);
  }

  async #ask<T>(
    hook: string,
    rows: TaskRows,
    records: RecordTables,
    request: { ask: string } & Record<string, unknown>,
  ): Promise<T> {
    const { label } = rows;
    try {
      const worker = await this.#workerFor(hook, rows);
      const give = (question: RecordQuestion) => giveRecords(this.#context, this.#options.universe, records, question);
      return await worker.ask<T>({ ...request, label }, give);
    } catch (error) {
      if (!(error instanceof PythonFailed)) throw unavailable(error, label, hook);
      const { what, dataId, problem, traceback } = error.failure;
      throw graphErrors.HOOK_FAILED({
        label,
        what,
        dataId: dataId === '' ? '' : `, (${dataId})`,
        problem,
        traceback: traceback === '' ? '' : `\n${traceback}`,
      });
    }
  }

  /** The process, told of the repository and of the task. */
  async #workerFor(hook: string, rows: TaskRows): Promise<PythonWorker> {
    const { label } = rows;
    try {
      this.#worker ??= this.#start();
      let told = this.#told.get(rows);
      if (told === undefined) {
        told = this.#tell(this.#worker, rows);
        this.#told.set(rows, told);
      }
      await told;
      return this.#worker;
    } catch (error) {
      if (error instanceof PythonFailed) throw error;
      throw unavailable(error, label, hook);
    }
  }

  #start(): PythonWorker {
    const { program, repository, universe } = this.#options;
    const worker = new PythonWorker(pythonProgram(program));
    const [{ inputs }, outputRun] = [this.#context, this.#outputRun];
    const opened = worker.ask({ ask: 'hooks.open', repository, universe: universe.spec, inputs, outputRun });
    opened.catch(() => {}); // what is asked after it fails likewise
    return worker;
  }

  #tell(worker: PythonWorker, rows: TaskRows): Promise<unknown> {
    const { label, task } = rows;
    const { taskClass, pythonConfig: config = '' } = task.declaration;
    return worker.ask({ ask: 'hooks.task', label, class: taskClass, config, types: plainTypes(this.#context, rows) });
  }
}

/** A process that cannot be started, or that ended; what else went wrong stays what it is. */
function unavailable(error: unknown, label: string, hook: string): unknown {
  if (!(error instanceof SkymillError) || error.code !== 'PIPELINE_PYTHON_WORKER') return error;
  return graphErrors.HOOK_UNAVAILABLE({ label, hook, problem: error.message }, { cause: error });
}

/** Takes away the edges of a quantum to datasets that are not left. Outputs that nobody makes any more are gone. */
function keepOnly(
  rows: TaskRows,
  all: readonly ConnectionEdges[],
  quantum: number,
  left: Record<string, number[]>,
  rowsOf: (type: TypeRows) => readonly number[],
): void {
  for (const edges of all) {
    const places = left[edges.name];
    if (places === undefined) continue;
    const { type, link } = edges;
    const table = rowsOf(type);
    const keep = new Set(places.map((place) => table[place]));
    if (edges.connection.kind === 'output')
      for (let i = link.begin(quantum); i < link.end(quantum); i++)
        if (!keep.has(link.at(i))) type.alive.delete(link.at(i));
    dropEdges(edges, rows, quantum, keep);
    if (edges.connection.kind === 'output') type.producer = { rows, link: edges.link };
  }
}

function few(messages: Set<string>, message: string): string {
  if (messages.size >= mostMessages && !messages.has(message)) return 'further reasons that the task gives';
  messages.add(message);
  return message;
}
