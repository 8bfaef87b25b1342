// SPDX-License-Identifier: BSD-3-Clause
import { hostname } from 'node:os';
import type { AttemptRecord, Caveat, Usage } from '../outcomes/record.ts';
import type { Instruction } from '../scheduler/index.ts';
import type { QuantumSpec } from '../workers/protocol.ts';
import type { SeenUsage } from './attempt-watch.ts';

export type Settled = Extract<Instruction, { type: 'settled' }>;

/** What is known of an attempt besides the scheduler's decision about it. */
export type AttemptFacts = Pick<
  AttemptRecord,
  'workerPid' | 'startedUnixMs' | 'endedUnixMs' | 'outputs' | 'held' | 'usage' | 'caveats' | 'log'
> & { spec: QuantumSpec };

const thisHost = hostname();

/** The line of the outcome log: what happened, and what was decided. */
export function attemptRecord(settled: Settled, label: string, { spec, ...facts }: AttemptFacts): AttemptRecord {
  return {
    type: 'attempt',
    quantum: settled.quantum,
    quantumId: spec.quantumId,
    label,
    dataId: spec.dataId,
    attempt: settled.attempt,
    host: thisHost,
    state: settled.state,
    decision: settled.decision,
    reason: settled.reason,
    rule: settled.rule,
    action: settled.action,
    wouldFire: settled.wouldFire,
    nextMemoryBytes: settled.nextMemoryBytes,
    cause: settled.cause,
    ...facts,
    ...moreCaveats(settled, facts),
  };
}

/** A failure that a rule let pass: what it wrote before it failed does not count, and the caveat says what happened; also of what ran without it. */
function moreCaveats(settled: Settled, facts: Omit<AttemptFacts, 'spec'>): Partial<AttemptRecord> {
  const caveats = facts.caveats ?? [];
  if (settled.action === 'acceptAsCaveat') {
    const reason = `rule ${settled.rule} accepts the failure: ${settled.cause?.message ?? ''}`;
    return { outputs: [], caveats: [...caveats, { kind: 'acceptedFailure', reason }] };
  }
  if (settled.upstreamFailures === undefined) return {};
  const upstream = settled.upstreamFailures.map(({ label, count }): Caveat => {
    const reason = `ran without the products of ${count} ${count === 1 ? 'quantum' : 'quanta'} of ${label}, whose failure a rule accepts`;
    return { kind: 'upstreamFailure', reason };
  });
  return { caveats: [...caveats, ...upstream] };
}

/** A worker measures itself; the memory of processes that its task started is only seen from outside. */
export function withChildren(usage: Usage, seen: SeenUsage | undefined): Usage {
  if (seen?.started !== true) return usage;
  return { ...usage, peakMemoryBytes: Math.max(usage.peakMemoryBytes, seen.peakMemoryBytes) };
}

/** Of a worker that died, only time, CPU time (all of it counted as the user's) and peak memory are known, from outside. */
export function usageOfDead(spec: QuantumSpec, wallMs: number, peakMemoryBytes: number, seen?: SeenUsage): Usage {
  return {
    wallSeconds: wallMs / 1000,
    cpuUserSeconds: seen?.cpuSeconds ?? 0,
    cpuSystemSeconds: 0,
    peakMemoryBytes,
    requestedMemoryBytes: spec.requestedMemoryBytes,
    requestedCores: spec.requestedCores,
    bytesRead: 0,
    bytesWritten: 0,
    readSeconds: 0,
    writeSeconds: 0,
  };
}
