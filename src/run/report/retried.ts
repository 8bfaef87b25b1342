// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptRecord, CauseKind } from '../outcomes/record.ts';
import type { AttemptPlaces } from './attempt-places.ts';
import { groupsCompared, labelsOf } from './failures.ts';
import type { RetriedGroup } from './model.ts';

const quantaListed = 1000;

interface Draft {
  kind: CauseKind;
  rows: number[];
  rules: Set<string>;
  lostSeconds: number;
}

/** Failed attempts that were followed by another, by signature: whether it helped. */
export class RetriedGroups {
  readonly #bySignature = new Map<string, Draft>();

  /** `row`: of the attempt, among the {@link AttemptPlaces}. */
  add({ cause, rule, usage }: AttemptRecord, row: number): void {
    if (cause === undefined) return;
    let group = this.#bySignature.get(cause.signature);
    if (group === undefined) {
      group = { kind: cause.kind, rows: [], rules: new Set(), lostSeconds: 0 };
      this.#bySignature.set(cause.signature, group);
    }
    group.rows.push(row);
    group.lostSeconds += usage.wallSeconds;
    if (rule !== undefined) group.rules.add(rule);
  }

  groups(
    graph: QuantumGraph,
    places: AttemptPlaces,
    fate: (quantum: number) => 'well' | 'failed' | 'open',
  ): RetriedGroup[] {
    return [...this.#bySignature]
      .sort(([s, a], [t, b]) => b.rows.length - a.rows.length || (s < t ? -1 : 1))
      .map(([signature, { kind, rows, rules, lostSeconds }], i) => {
        const quanta = [...new Set(rows.map((row) => places.quantumOf(row)))];
        return {
          signature,
          kind,
          labels: labelsOf(graph, quanta),
          attempts: rows.length,
          quanta: quanta.length,
          listed: quanta.slice(0, quantaListed),
          rescued: quanta.filter((quantum) => fate(quantum) === 'well').length,
          failed: quanta.filter((quantum) => fate(quantum) === 'failed').length,
          rules: [...rules],
          lostSeconds,
          concentrations: i < groupsCompared ? places.concentrations(rows) : [],
        };
      });
  }
}
