// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord } from '../outcomes/record.ts';
import type { FailureGroup } from './model.ts';

const EXAMPLES = 3;

/** Groups failed quanta by signature. */
export class FailureGroups {
  readonly #bySignature = new Map<string, { records: Map<number, AttemptRecord | undefined>; first: AttemptRecord }>();
  readonly #signatureOf = new Map<number, string>();

  add(record: AttemptRecord): void {
    const { signature } = record.cause!;
    let group = this.#bySignature.get(signature);
    if (group === undefined) {
      group = { records: new Map(), first: record };
      this.#bySignature.set(signature, group);
    }
    group.records.set(record.quantum, group.records.size < EXAMPLES ? record : undefined);
    this.#signatureOf.set(record.quantum, signature);
  }

  /** The quantum has a newer attempt. */
  forget(quantum: number): void {
    const signature = this.#signatureOf.get(quantum);
    if (signature === undefined) return;
    this.#signatureOf.delete(quantum);
    const group = this.#bySignature.get(signature)!;
    group.records.delete(quantum);
    if (group.records.size === 0) this.#bySignature.delete(signature);
  }

  groups(): FailureGroup[] {
    const groups = [...this.#bySignature].map(([signature, { records, first }]) => {
      const kept = [...records.values()].filter((r) => r !== undefined);
      return {
        signature,
        kind: first.cause!.kind,
        count: records.size,
        labels: [...new Set(kept.map((r) => r.label))],
        next: first.cause!.next,
        examples: kept.slice(0, EXAMPLES).map(({ quantum, quantumId, label, dataId, attempt, cause, log }) => ({
          quantum,
          quantumId,
          label,
          dataId,
          attempt,
          cause,
          log,
        })),
        quanta: [...records.keys()],
      };
    });
    return groups.sort((a, b) => b.count - a.count || (a.signature < b.signature ? -1 : 1));
  }
}
