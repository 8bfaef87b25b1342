// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptRecord, CauseKind } from '../outcomes/record.ts';
import type { AttemptPlaces } from './attempt-places.ts';
import type { FailureGroup } from './model.ts';

const examplesKept = 3;
/** So many groups are looked at for what they have in common: the largest. */
export const groupsCompared = 50;

interface Draft {
  kind: CauseKind;
  next: string | undefined;
  quanta: Set<number>;
  examples: Map<number, AttemptRecord>;
}

/** Groups failed quanta by signature. Keeps a number a quantum and a few records a group. */
export class FailureGroups {
  readonly #bySignature = new Map<string, Draft>();
  readonly #signatureOf = new Map<number, string>();

  add(record: AttemptRecord): void {
    const { signature, kind, next } = record.cause!;
    let group = this.#bySignature.get(signature);
    if (group === undefined) {
      group = { kind, next, quanta: new Set(), examples: new Map() };
      this.#bySignature.set(signature, group);
    }
    group.quanta.add(record.quantum);
    if (group.examples.size < examplesKept) group.examples.set(record.quantum, record);
    this.#signatureOf.set(record.quantum, signature);
  }

  /** The quantum has a newer attempt. */
  forget(quantum: number): void {
    if (this.#signatureOf.size === 0) return;
    const signature = this.#signatureOf.get(quantum);
    if (signature === undefined) return;
    this.#signatureOf.delete(quantum);
    const group = this.#bySignature.get(signature)!;
    group.quanta.delete(quantum);
    group.examples.delete(quantum);
    if (group.quanta.size === 0) this.#bySignature.delete(signature);
  }

  groups(graph: QuantumGraph, places: AttemptPlaces): FailureGroup[] {
    return [...this.#bySignature]
      .sort(([s, a], [t, b]) => b.quanta.size - a.quanta.size || (s < t ? -1 : 1))
      .map(([signature, { kind, next, quanta, examples }], i) => {
        const rows = [...quanta];
        return {
          signature,
          kind,
          count: rows.length,
          labels: labelsOf(graph, rows),
          next,
          examples: [...examples.values()].map((r) => ({
            quantum: r.quantum,
            quantumId: r.quantumId,
            label: r.label,
            dataId: r.dataId,
            attempt: r.attempt,
            host: r.host,
            workerPid: r.workerPid,
            endedUnixMs: r.endedUnixMs,
            cause: r.cause,
            log: r.log,
          })),
          concentrations: i < groupsCompared ? places.concentrations(rows) : [],
          quanta: rows,
        };
      });
  }
}

/** Labels of the tasks of these quanta, in the order of the graph. */
export function labelsOf(graph: QuantumGraph, quanta: Iterable<number>): string[] {
  const tasks = new Set<number>();
  for (const quantum of quanta) tasks.add(graph.taskOf(quantum));
  return [...tasks].sort((a, b) => a - b).map((task) => graph.tasks[task].label);
}
