// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { DataId } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { whyRerun } from '../continue/kept-plan.ts';
import type { RunFolder } from '../folder/run-folder.ts';
import { readOutcomeLog } from '../outcomes/log.ts';
import type { AttemptRecord, RedoneRecord, RequestRecord } from '../outcomes/record.ts';
import { requestOrigin } from '../requests/text.ts';
import { formatBytes, formatDataId, formatSeconds } from './format.ts';

/** A quantum's neighbour and how it stands. */
export interface Neighbour {
  quantum: number;
  label: string;
  dataId: DataId;
  state: string;
}

/** The story of one quantum: why it is there, what happened to it, and who is to blame. */
export interface Story {
  quantum: number;
  quantumId: string;
  label: string;
  dataId: DataId;
  /** A final state, or `notStarted`. */
  state: string;
  /** In sentences, most important first. */
  lines: string[];
  attempts: AttemptRecord[];
  blockedBy?: Neighbour & { cause?: AttemptRecord['cause'] };
  needs: Neighbour[];
  neededBy: Neighbour[];
}

/** Tells the story of a quantum from the graph and the outcome log (one pass over it). */
export function why(graph: QuantumGraph, folder: RunFolder, quantum: number): Story {
  const needs = [...row(graph.dependencies(), quantum)];
  const neededBy = [...row(graph.dependents(), quantum)];
  const watched = new Set([quantum, ...needs, ...neededBy]);
  const states = new Map<number, string>();
  const attempts: AttemptRecord[] = [];
  const lastFailures = new Map<number, AttemptRecord>();
  const redone: string[] = [];
  let blocked: { by: number; reason: string } | undefined;
  let excludedBy: string | undefined;
  let requests: readonly RequestRecord[] = [];
  const origins = new Map<AttemptRecord, string>();
  const { label: ownLabel } = graph.tasks[graph.taskOf(quantum)];
  for (const record of existsSync(folder.outcomesPath) ? readOutcomeLog(folder.outcomesPath) : []) {
    if (record.type === 'runStarted') {
      blocked = undefined;
      excludedBy = undefined;
      requests = record.requests ?? [];
      // What was blocked or left out then may run now; attempts of before count where there were any.
      for (const [q, state] of states) if (state === 'blocked' || state === 'excluded') states.delete(q);
    } else if (record.type === 'excluded') {
      if (record.quanta.includes(quantum)) excludedBy = record.by;
      for (const q of record.quanta) if (watched.has(q)) states.set(q, 'excluded');
    } else if (record.type === 'redone') {
      const at = record.quanta.indexOf(quantum);
      if (at >= 0) redone.push(redoneLine(record, at));
    } else if (record.type === 'blocked') {
      if (record.quanta.includes(quantum)) blocked = record;
      for (const q of record.quanta) if (watched.has(q)) states.set(q, 'blocked');
    } else if (record.type === 'attempt') {
      if (watched.has(record.quantum)) states.set(record.quantum, record.state);
      if (record.quantum === quantum) {
        attempts.push(record);
        const request = requests.find(({ label }) => label === ownLabel);
        if (request !== undefined) origins.set(record, requestOrigin(request));
      }
      if (record.cause !== undefined) lastFailures.set(record.quantum, record);
    }
  }
  const neighbour = (q: number): Neighbour => ({
    quantum: q,
    label: graph.tasks[graph.taskOf(q)].label,
    dataId: graph.quantumDataId(q),
    state: states.get(q) ?? 'notStarted',
  });
  const self = neighbour(quantum);
  const culprit = blocked && { ...neighbour(blocked.by), cause: lastFailures.get(blocked.by)?.cause };
  const story: Story = {
    ...self,
    quantumId: graph.quantumUuid(quantum),
    lines: [],
    attempts,
    blockedBy: culprit,
    needs: needs.map(neighbour),
    neededBy: neededBy.map(neighbour),
  };
  story.lines = [
    ...stateLines(story, blocked?.reason, excludedBy),
    ...redone,
    ...whyRerun(folder, quantum),
    ...attempts.map((a) => attemptLine(a, origins.get(a))),
    builtLine(graph, story),
  ];
  return story;
}

function redoneLine({ reason, paths, unixMs, workerPid }: RedoneRecord, at: number): string {
  if (reason === 'heldInMemory') {
    const who = workerPid === undefined ? 'an execution before' : `worker process ${workerPid}, which died`;
    return `It was done before and made again at ${new Date(unixMs).toISOString()}: what it made was only in the memory of ${who}, and others still needed it.`;
  }
  const what = reason === 'fileMissing' ? 'was missing' : 'was altered';
  return `It was done before and made again at ${new Date(unixMs).toISOString()}: its file ${paths[at]} ${what}.`;
}

function stateLines(story: Story, reason: string | undefined, excludedBy: string | undefined): string[] {
  const name = `${story.label} ${formatDataId(story.dataId)}`;
  const { blockedBy: by } = story;
  if (story.state === 'excluded') return [`${name} was left out of the last execution: excluded by "${excludedBy}".`];
  if (story.state === 'blocked' && by !== undefined) {
    const who = `${by.label} ${formatDataId(by.dataId)}`;
    if (reason === 'upstreamExcluded')
      return [`${name} could not run: too few of its inputs are left, since ${who} is excluded or lacks what is.`];
    if (reason === 'upstreamNoWork' && by.quantum === story.quantum)
      return [`${name} could not run: too few of its inputs were made by the parts of the graph before this one.`];
    if (reason === 'upstreamNoWork')
      return [`${name} could not run: too few of its inputs exist, since ${who} made none.`];
    return [`${name} is blocked: ${who} failed (${by.cause?.message ?? 'see there'}).`];
  }
  const last = story.attempts.at(-1);
  if (last === undefined) {
    const open = story.needs.filter((n) => !['done', 'doneWithCaveat', 'noWork'].includes(n.state));
    const waits =
      open.length === 0
        ? 'everything it needs is there'
        : `it waits for ${open.length} of ${story.needs.length} quanta`;
    return [`${name} has not run; ${waits}.`];
  }
  const ends = {
    done: 'is done',
    doneWithCaveat: `is done with caveats: ${last.caveats?.map((c) => c.reason).join('; ')}`,
    noWork: `had no work: ${last.cause?.message}`,
    failed: `failed: ${last.cause?.message}`,
    killed: `was killed: ${last.cause?.message}`,
  };
  const lines = [`${name} ${ends[last.state]}.`];
  if (last.state === 'failed') {
    const why =
      last.rule === undefined
        ? 'no retry rule is for such a failure'
        : last.reason === 'noHostLeft'
          ? `rule ${last.rule} wants another host, and there is none where it has not failed`
          : last.action === 'giveUp' || last.action === 'stopRun'
            ? `rule ${last.rule} says ${last.action}`
            : `rule ${last.rule} allows no more attempts`;
    lines.push(`It was not tried again: ${why}.`);
    if (last.cause?.next !== undefined) lines.push(`What to do: ${last.cause.next}`);
  }
  return lines;
}

function attemptLine(a: AttemptRecord, origin: string | undefined): string {
  const { usage: u } = a;
  const when = new Date(a.startedUnixMs).toISOString();
  // A second attempt asks for what a rule says.
  const asked = origin === undefined || a.attempt > 1 ? '' : `, ${origin}`;
  const memory = `${formatBytes(u.peakMemoryBytes)} at peak of ${formatBytes(u.requestedMemoryBytes)} requested${asked}`;
  const cost = `${formatSeconds(u.wallSeconds)}, ${memory}, read ${formatBytes(u.bytesRead)}, wrote ${formatBytes(u.bytesWritten)}`;
  const more = a.nextMemoryBytes === undefined ? '' : `, with ${formatBytes(a.nextMemoryBytes)}`;
  let ruled = a.decision === 'retry' ? `; tried again by rule ${a.rule}${more}` : '';
  if (a.action === 'acceptAsCaveat') ruled = `; accepted by rule ${a.rule}`;
  if (a.wouldFire !== undefined) ruled += `; rule ${a.wouldFire.rule} would have said ${a.wouldFire.action}`;
  const cause = a.cause === undefined ? '' : ` (${a.cause.kind}: ${a.cause.message})`;
  return `Attempt ${a.attempt} at ${when} on ${a.host}, process ${a.workerPid}: ${a.state}${cause}, ${cost}${ruled}.`;
}

function builtLine(graph: QuantumGraph, story: Story): string {
  const { header } = graph;
  const condition = header.where === '' ? 'without a condition' : `where ${header.where}`;
  return `It is in the graph because of ${header.pipeline}, ${condition}: it needs ${story.needs.length} other quanta, and ${story.neededBy.length} need it.`;
}

/** The log lines of an attempt; of one whose worker died, what it wrote until then. At most `maxBytes` from the end. */
export function readAttemptLog(folder: RunFolder, attempt: Pick<AttemptRecord, 'log'>, maxBytes = 1 << 20): string {
  if (attempt.log === undefined) return '';
  const path = join(folder.path, attempt.log.file);
  if (!existsSync(path)) return '';
  const { offset, length = maxBytes } = attempt.log;
  const skip = Math.max(0, length - maxBytes);
  const fd = openSync(path, 'r');
  try {
    const bytes = Buffer.alloc(Math.min(length, maxBytes));
    return bytes.toString('utf8', 0, readSync(fd, bytes, 0, bytes.length, offset + skip));
  } finally {
    closeSync(fd);
  }
}

function row(csr: { offsets: Uint32Array; quanta: Uint32Array }, q: number): Uint32Array {
  return csr.quanta.subarray(csr.offsets[q], csr.offsets[q + 1]);
}
