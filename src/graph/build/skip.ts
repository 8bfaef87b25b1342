// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import { automaticConnections } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import { PagedColumn } from '../paged/column.ts';
import { Flags } from '../paged/flags.ts';
import { type BuildContext, findExisting } from './candidates.ts';
import { dropOutputs } from './drop-edges.ts';
import { exampleCount, type RerunReason, type SkipReason } from './report.ts';
import { type ConnectionEdges, existingAt, type Relation, type TaskRows, type TypeRows } from './tables.ts';

export interface SkipOptions {
  /** Collections whose results count. */
  collections: readonly string[];
  /** Which of the quanta with results there count as done. */
  isDone?: (label: string, dataId: DataId) => boolean;
  /** Globs of dataset types that are kept; what is not kept is made again where it is needed. undefined: everything is kept. */
  retained?: readonly string[];
  outputRun: string;
  /** The output run is there already. */
  runExists: boolean;
  /** Results of quanta that run (again) may stand in the output run; they are replaced. */
  clobber: boolean;
}

/**
 * Leaves out quanta whose results are in the given collections: the metadata dataset is written last, so it says that the
 * quantum ended. Results that stand in the output run although their quantum runs again keep the ids under which they are registered,
 * so that they are replaced rather than joined by second ones.
 */
export async function skipExisting(
  context: BuildContext,
  tasks: readonly TaskRows[],
  options: SkipOptions,
): Promise<void> {
  const { collections } = options;
  if (collections.length > 0) {
    const asked = new Map<Relation, string>();
    for (const rows of tasks) await findDone(context, rows, options, asked);
    if (options.retained !== undefined) unskip(context, tasks, retainedTest(context, options.retained));
    await findResults(context, tasks, collections);
    for (const rows of tasks) settle(context, rows);
  }
  if (options.runExists) for (const rows of tasks) await findInTheWay(context, rows, options);
}

/** Looks up the metadata of a task; marks the quanta that are done. `asked`: of each relation a type that was looked up before. */
async function findDone(
  context: BuildContext,
  rows: TaskRows,
  options: SkipOptions,
  asked: Map<Relation, string>,
): Promise<void> {
  const { collections, isDone = () => true } = options;
  const { count, group } = rows.relation;
  const metadata = rows.outputs.find((output) => output.name === automaticConnections.metadata);
  if (count === 0 || metadata === undefined) return;
  const alike = asked.get(metadata.type.relation);
  if (alike === undefined) asked.set(metadata.type.relation, metadata.type.name);
  if ((await findExisting(context, metadata.type, collections, { alike })) === 0) return;
  const done = new Flags(context.pool, count);
  for (let quantum = 0; quantum < count; quantum++)
    if (
      existingAt(metadata.type, metadata.link.at(metadata.link.begin(quantum))) > 0 &&
      isDone(rows.label, context.dictionaries.dataId(rows.relation, quantum, group.required))
    )
      done.add(quantum);
  rows.done = done;
}

/** Looks up what quanta that are not done read of those that are: nothing else of these is in the graph. */
async function findResults(
  context: BuildContext,
  tasks: readonly TaskRows[],
  collections: readonly string[],
): Promise<void> {
  const read = new Map<TypeRows, Flags>();
  for (const rows of tasks) {
    for (const { type, link } of rows.inputs) {
      if (type.producer?.rows.done === undefined) continue;
      const wanted = read.get(type) ?? new Flags(context.pool, type.relation.count);
      read.set(type, wanted);
      for (let quantum = 0; quantum < rows.relation.count; quantum++) {
        if (rows.done?.has(quantum)) continue;
        for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) wanted.add(link.at(i));
      }
    }
  }
  for (const [type, wanted] of read) {
    const { rows, link } = type.producer as NonNullable<TypeRows['producer']>;
    // What is made again does not matter.
    for (let quantum = 0; quantum < rows.relation.count; quantum++)
      if (!rows.done?.has(quantum))
        for (let i = link.begin(quantum), end = link.end(quantum); i < end; i++) wanted.delete(link.at(i));
    if (wanted.any()) await findExisting(context, type, collections, { wanted });
    wanted.free();
  }
}

/** Quanta that are done run again where a later quantum needs something of theirs that is not kept: from the end to the beginning. */
function unskip(context: BuildContext, tasks: readonly TaskRows[], isKept: (datasetType: string) => boolean): void {
  const { report, dictionaries } = context;
  const needed = new Map<TypeRows, Flags>();
  for (const rows of tasks.toReversed()) {
    const reasons = new Map<TypeRows, RerunReason>();
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (rows.done?.has(quantum)) {
        const why = rows.outputs.find((output) => anyOf(output, quantum, needed.get(output.type)));
        if (why === undefined) continue;
        rows.done.delete(quantum);
        let reason = reasons.get(why.type);
        if (reason === undefined) {
          reason = { label: rows.label, datasetType: why.type.name, count: 0, examples: [] };
          reasons.set(why.type, reason);
          report.rerun.push(reason);
        }
        reason.count++;
        if (reason.examples.length < exampleCount)
          reason.examples.push(dictionaries.dataId(rows.relation, quantum, rows.relation.group.required));
      }
      for (const { type, link } of rows.inputs) {
        if (type.producer === undefined || isKept(type.name)) continue;
        let flags = needed.get(type);
        if (flags === undefined) needed.set(type, (flags = new Flags(context.pool, type.relation.count)));
        for (let i = link.begin(quantum); i < link.end(quantum); i++) if (link.at(i) !== noRow) flags.add(link.at(i));
      }
    }
  }
}

function anyOf({ link }: ConnectionEdges, quantum: number, flags: Flags | undefined): boolean {
  if (flags === undefined) return false;
  for (let i = link.begin(quantum); i < link.end(quantum); i++)
    if (link.at(i) !== noRow && flags.has(link.at(i))) return true;
  return false;
}

/** Takes out the quanta that are done, by the run that says so; what others have in these collections is no concern of theirs. */
function settle(context: BuildContext, rows: TaskRows): void {
  const { done } = rows;
  const { report, dictionaries, existing } = context;
  const metadata = rows.outputs.find((output) => output.name === automaticConnections.metadata);
  if (done === undefined || metadata === undefined) return;
  const reasons = new Map<string, SkipReason>();
  for (let quantum = 0; quantum < done.size; quantum++) {
    if (!done.has(quantum)) {
      clearOutputs(rows, quantum);
      continue;
    }
    rows.alive.delete(quantum);
    rows.skipped++;
    const run = existing.runOf(existingAt(metadata.type, metadata.link.at(metadata.link.begin(quantum))) - 1);
    forgetOthers(context, rows, quantum, run);
    dropOutputs(rows, quantum);
    let reason = reasons.get(run);
    if (reason === undefined) {
      reason = { label: rows.label, run, count: 0, examples: [] };
      reasons.set(run, reason);
      report.skipped.push(reason);
    }
    reason.count++;
    if (reason.examples.length < exampleCount)
      reason.examples.push(dictionaries.dataId(rows.relation, quantum, rows.relation.group.required));
  }
}

/** What other runs have of a quantum's outputs is not what it made: where it made nothing, there is nothing. */
function forgetOthers({ existing }: BuildContext, { outputs }: TaskRows, quantum: number, run: string): void {
  for (const { type, link } of outputs) {
    if (type.existing === undefined) continue;
    for (let i = link.begin(quantum); i < link.end(quantum); i++) {
      const found = existingAt(type, link.at(i));
      if (found > 0 && existing.runOf(found - 1) !== run) type.existing.set(link.at(i), 0);
    }
  }
}

function clearOutputs(rows: TaskRows, quantum: number): void {
  for (const { type, link } of rows.outputs) {
    if (type.existing === undefined) continue;
    for (let i = link.begin(quantum); i < link.end(quantum); i++) type.existing.set(link.at(i), 0);
  }
}

/** Datasets of the output run that quanta to be run will write again. */
async function findInTheWay(context: BuildContext, rows: TaskRows, options: SkipOptions): Promise<void> {
  if (!rows.alive.any()) return;
  for (const { type, link } of rows.outputs) {
    const present: TypeRows = { ...type, existing: undefined, alive: new Flags(context.pool, type.relation.count) };
    const wanted = new Flags(context.pool, type.relation.count);
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!rows.alive.has(quantum)) continue;
      for (let i = link.begin(quantum); i < link.end(quantum); i++) wanted.add(link.at(i));
    }
    if ((await findExisting(context, present, [options.outputRun], { wanted })) === 0) continue;
    let [count, first] = [0, -1];
    for (let quantum = 0; quantum < rows.relation.count; quantum++) {
      if (!rows.alive.has(quantum)) continue;
      for (let i = link.begin(quantum); i < link.end(quantum); i++) {
        const dataset = link.at(i);
        if (existingAt(present, dataset) === 0) continue;
        type.existing ??= PagedColumn.filled(context.pool, type.relation.count);
        type.existing.set(dataset, existingAt(present, dataset));
        if (count++ === 0) first = dataset;
      }
    }
    if (count === 0 || options.clobber) continue;
    throw graphErrors.OUTPUTS_EXIST({
      run: options.outputRun,
      datasetType: type.name,
      label: rows.label,
      count,
      dataId: context.dictionaries.text(type.relation, first),
    });
  }
}

/** Whether a type is among those that are kept. Patterns that match nothing are told. */
function retainedTest({ pipeline, report }: BuildContext, patterns: readonly string[]): (name: string) => boolean {
  const tests = patterns.map((pattern) => globTest(pattern));
  const names = [...pipeline.datasetTypes.keys()];
  for (const [i, pattern] of patterns.entries())
    if (!names.some(tests[i]))
      report.warnings.push(`"${pattern}" among the retained dataset types matches no dataset type of the pipeline.`);
  return (name) => tests.some((matches) => matches(name));
}

/** `*` any characters, `?` one. */
function globTest(pattern: string): (name: string) => boolean {
  const parts = pattern
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const regex = new RegExp(`^${parts}$`);
  return (name) => regex.test(name);
}
