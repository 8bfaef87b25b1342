// SPDX-License-Identifier: BSD-3-Clause
import { hostname } from 'node:os';
import type { AttemptRecord, Usage } from '../outcomes/record.ts';
import type { Instruction } from '../scheduler/index.ts';
import type { QuantumSpec } from '../workers/protocol.ts';

export type Settled = Extract<Instruction, { type: 'settled' }>;

/** What is known of an attempt besides the scheduler's decision about it. */
export type AttemptFacts = Pick<
  AttemptRecord,
  'workerPid' | 'startedUnixMs' | 'endedUnixMs' | 'outputs' | 'usage' | 'caveats' | 'log'
> & { spec: QuantumSpec };

/** The line of the outcome log: what happened, and what was decided. */
export function attemptRecord(settled: Settled, label: string, { spec, ...facts }: AttemptFacts): AttemptRecord {
  return {
    type: 'attempt',
    quantum: settled.quantum,
    quantumId: spec.quantumId,
    label,
    dataId: spec.dataId,
    attempt: settled.attempt,
    host: hostname(),
    state: settled.state,
    decision: settled.decision,
    reason: settled.reason,
    rule: settled.rule,
    cause: settled.cause,
    ...facts,
  };
}

/** Of a worker that died, only time and peak memory are known, from outside. */
export function usageOfDead(spec: QuantumSpec, wallMs: number, peakMemoryBytes: number | undefined): Usage {
  return {
    wallSeconds: wallMs / 1000,
    cpuUserSeconds: 0,
    cpuSystemSeconds: 0,
    peakMemoryBytes: peakMemoryBytes ?? 0,
    requestedMemoryBytes: spec.requestedMemoryBytes,
    requestedCores: spec.requestedCores,
    bytesRead: 0,
    bytesWritten: 0,
    readSeconds: 0,
    writeSeconds: 0,
  };
}
