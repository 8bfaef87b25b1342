// SPDX-License-Identifier: BSD-3-Clause
import type { Caveat } from '../../outcomes/record.ts';
import type { QuantumSpec } from '../protocol.ts';
import type { AttemptLog, LogEntry } from './attempt-log.ts';

/** What `<label>_metadata` holds (storage class TaskMetadata): the quantum's own numbers, and which quantum it was. */
export function quantumMetadata(
  label: string,
  spec: QuantumSpec,
  facts: {
    outcome: string;
    seconds: number;
    caveats: readonly Caveat[];
    metrics: Readonly<Record<string, number | string | boolean>>;
    outputs: number;
  },
): Record<string, unknown> {
  return {
    [label]: facts.metrics,
    quantum: {
      id: spec.quantumId,
      attempt: spec.attempt,
      outcome: facts.outcome,
      wallSeconds: facts.seconds,
      inputs: spec.inputs.map((i) => i.id),
      outputs: facts.outputs,
      caveats: facts.caveats.map((c) => `${c.kind}: ${c.reason}`),
    },
  };
}

/** What `<label>_log` holds (storage class ButlerLogRecords): the records of the peer's log format, as plain objects. */
export function quantumLog(log: AttemptLog): Record<string, unknown>[] {
  const levels = { DEBUG: 10, INFO: 20, WARNING: 30, ERROR: 40 };
  const record = (entry: LogEntry) => ({
    name: entry.name,
    asctime: new Date(entry.unixMs).toISOString(),
    message: entry.message,
    levelno: levels[entry.level],
    levelname: entry.level,
    filename: '',
    pathname: '',
    lineno: 0,
    funcName: '',
    process: process.pid,
    processName: 'worker',
    exc_info: null,
    MDC: {},
  });
  const first = log.entries.map(record);
  const last = log.last.map(record);
  if (log.dropped === 0) return [...first, ...last];
  const message = `${log.dropped} lines are left out here; the worker's log file may have them`;
  return [...first, { ...last[0], message }, ...last];
}
