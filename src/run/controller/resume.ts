// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { FileRecord } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import { readOutcomeLog } from '../outcomes/log.ts';
import type { AttemptRecord, InitRecord, OutputRecord, RedoneRecord } from '../outcomes/record.ts';
import type { SchedulerEvent } from '../scheduler/index.ts';
import type { FileState } from './verify-files.ts';

/** How these files stand against their records. */
export type VerifyFiles = (records: readonly FileRecord[]) => Promise<readonly FileState[]>;

export interface EarlierSink {
  /** A quantum that need not run again. */
  preset(event: Extract<SchedulerEvent, { type: 'preset' }>, record: AttemptRecord): void;
  /**
   * Outputs that are recorded and verify. Of these, `unregistered` may not be in the registry yet: they were recorded since an
   * execution last came to its end, and before that end all was registered.
   */
  outputs(records: readonly OutputRecord[], unregistered: readonly OutputRecord[]): Promise<void>;
  /** Recorded outputs of quanta that run again because a file of theirs is not as recorded. */
  lost(records: readonly OutputRecord[]): Promise<void>;
}

/** A quantum that ended well and runs again, and which file is to blame. */
export interface LostQuantum {
  quantum: number;
  reason: 'fileMissing' | 'fileAltered';
  path: string;
}

export interface Earlier {
  initDone: boolean;
  /** Quanta recorded as ended well whose files are not as recorded: they run again. */
  lost: LostQuantum[];
  skipped: number;
}

const BATCH = 1000;

/**
 * Reads the outcome log for what need not run again: quanta whose last attempt ended well and whose files all verify.
 * Two passes over the file, so that memory holds a number per quantum and never a record.
 */
export async function findEarlier(
  logPath: string,
  graph: QuantumGraph,
  verify: VerifyFiles,
  sink: EarlierSink,
): Promise<Earlier> {
  const earlier: Earlier = { initDone: false, lost: [], skipped: 0 };
  if (!existsSync(logPath)) return earlier;
  const last = new Int32Array(graph.quantumCount).fill(-1); // line of a quantum's last attempt
  let lastInit = -1;
  let lastEnd = -1;
  let line = 0;
  for (const record of readOutcomeLog(logPath)) {
    if (record.type === 'attempt') last[record.quantum] = line;
    else if (record.type === 'init') lastInit = line;
    else if (record.type === 'runEnded') lastEnd = line;
    line++;
  }

  const check = async (batch: { record: AttemptRecord | InitRecord; line: number }[]) => {
    const there = await verify(batch.flatMap(({ record }) => record.outputs.map((o) => o.file)));
    const outputs: OutputRecord[] = [];
    const unregistered: OutputRecord[] = [];
    const lost: OutputRecord[] = [];
    let at = 0;
    for (const { record, line } of batch.splice(0)) {
      const bad = record.outputs.findIndex((_, i) => there[at + i] !== 'whole');
      const whole = bad < 0;
      const state = there[at + bad];
      at += record.outputs.length;
      (whole ? outputs : lost).push(...record.outputs);
      if (whole && line > lastEnd) unregistered.push(...record.outputs);
      if (record.type === 'init') earlier.initDone = whole;
      else if (whole) {
        sink.preset(presetOf(record, graph), record);
        earlier.skipped++;
      } else {
        const { path } = record.outputs[bad].file;
        const reason = state === 'missing' ? 'fileMissing' : 'fileAltered';
        earlier.lost.push({ quantum: record.quantum, reason, path });
      }
    }
    await sink.lost(lost);
    await sink.outputs(outputs, unregistered);
  };
  const batch: { record: AttemptRecord | InitRecord; line: number }[] = [];
  line = 0;
  for (const record of readOutcomeLog(logPath)) {
    if (record.type === 'init' && line === lastInit) batch.push({ record, line });
    if (record.type === 'attempt' && last[record.quantum] === line && endedWell(record)) batch.push({ record, line });
    if (batch.length >= BATCH) await check(batch);
    line++;
  }
  await check(batch);
  return earlier;
}

function endedWell(record: AttemptRecord): boolean {
  return record.state === 'done' || record.state === 'doneWithCaveat' || record.state === 'noWork';
}

function presetOf(record: AttemptRecord, graph: QuantumGraph): Extract<SchedulerEvent, { type: 'preset' }> {
  const { quantum } = record;
  const made = new Set([...record.outputs.map((o) => o.dataset), ...(record.held ?? [])]);
  const missing = graph.quantumOutputs(quantum).flatMap(({ dataset }) => (made.has(dataset) ? [] : [dataset]));
  const accepted = record.action === 'acceptAsCaveat' ? true : undefined;
  return { type: 'preset', quantum, state: record.state === 'noWork' ? 'noWork' : 'skipped', missing, accepted };
}

/** Why quanta run again that had ended well; in pieces of moderate size. */
export function* redoneRecords(lost: readonly LostQuantum[]): Generator<RedoneRecord> {
  for (const [reason, list] of Map.groupBy(lost, (one) => one.reason))
    for (let from = 0; from < list.length; from += 1000) {
      const some = list.slice(from, from + 1000);
      const paths = some.map(({ path }) => path);
      yield { type: 'redone', reason, quanta: some.map(({ quantum }) => quantum), paths, unixMs: Date.now() };
    }
}
