// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { AttemptRecord } from '../outcomes/record.ts';
import type { CaveatGroup } from './model.ts';

const examplesKept = 3;
const quantaListed = 1000;

/**
 * What the Rubin middleware calls our kinds of caveat (lsst.pipe.base.QuantumSuccessCaveats) and the letter its reports give them. It knows no
 * failure that an operator's rule accepts; the nearest is an error that the execution was told to consider a success.
 */
const peerFlags: Record<Exclude<CaveatGroup['kind'], 'tooFewInputs'>, { letter: string; flags: readonly string[] }> = {
  noWork: { letter: 'N', flags: ['NO_WORK'] },
  unprocessable: { letter: 'D', flags: ['UNPROCESSABLE_DATA'] },
  upstreamFailure: { letter: 'U', flags: ['UPSTREAM_FAILURE_NO_WORK'] },
  partialOutputs: { letter: 'P', flags: ['PARTIAL_OUTPUTS_ERROR'] },
  acceptedFailure: { letter: 'P', flags: ['PARTIAL_OUTPUTS_ERROR'] },
};
const tooFewInputs = { letter: 'A', flags: ['NO_WORK', 'ADJUST_QUANTUM_RAISED'] };

type Missing = '' | '+' | '*';
const lack = { '': [], '+': ['ANY_OUTPUTS_MISSING'], '*': ['ANY_OUTPUTS_MISSING', 'ALL_OUTPUTS_MISSING'] };

/** Counts caveats by task, kind and how much is missing; of each quantum those of its last attempt. Keeps a few bytes a quantum that has any. */
export class CaveatGroups {
  readonly #graph: QuantumGraph;
  /** By quantum: its caveats, `kind missing` each, joined by commas; one text for all that have the same. */
  readonly #of = new Map<number, string>();
  readonly #texts = new Map<string, string>();
  readonly #examples = new Map<string, { quantum: number; reason: string }[]>();

  constructor(graph: QuantumGraph) {
    this.#graph = graph;
  }

  add(record: AttemptRecord): void {
    const { quantum, label, caveats, state, cause } = record;
    const all: { kind: CaveatGroup['kind']; reason: string }[] = [...(caveats ?? [])];
    if (state === 'noWork') all.push({ kind: 'noWork', reason: cause?.message ?? '' });
    if (all.length === 0) return;
    const missing = this.#missing(record);
    const keys = all.map(({ kind, reason }) => {
      const key = `${kind} ${missing}`;
      this.#example(`${label} ${key}`, quantum, reason);
      return key;
    });
    this.#set(quantum, [...new Set(keys)].join());
  }

  /** Too few inputs, since others had no work. */
  starved(quanta: readonly number[]): void {
    for (const quantum of quanta) this.#set(quantum, 'starved *');
  }

  /** The quantum has a newer attempt. */
  forget(quantum: number): void {
    if (this.#of.size > 0) this.#of.delete(quantum);
  }

  #set(quantum: number, text: string): void {
    const known = this.#texts.get(text) ?? text;
    this.#texts.set(known, known);
    this.#of.set(quantum, known);
  }

  /** Different reasons are better examples than the same again. */
  #example(group: string, quantum: number, reason: string): void {
    const examples = this.#examples.get(group) ?? [];
    if (examples.length >= 3 * examplesKept || examples.some((e) => e.reason === reason)) return;
    this.#examples.set(group, [...examples, { quantum, reason }]);
  }

  groups(): CaveatGroup[] {
    const groups = new Map<string, CaveatGroup>();
    for (const quantum of [...this.#of.keys()].sort((a, b) => a - b)) {
      const { label } = this.#graph.tasks[this.#graph.taskOf(quantum)];
      for (const key of this.#of.get(quantum)!.split(',')) {
        const id = `${label} ${key}`;
        const group = groups.get(id) ?? this.#newGroup(label, key);
        groups.set(id, group);
        group.count++;
        if (group.quanta.length < quantaListed) group.quanta.push(quantum);
      }
    }
    for (const [id, group] of groups)
      group.examples = (this.#examples.get(id) ?? [])
        .filter(({ quantum }) =>
          this.#of
            .get(quantum)
            ?.split(',')
            .some((key) => id === `${group.label} ${key}`),
        )
        .slice(0, examplesKept)
        .map(({ quantum, reason }) => ({ quantum, dataId: this.#graph.quantumDataId(quantum), reason }));
    return [...groups.values()];
  }

  #newGroup(label: string, key: string): CaveatGroup {
    const [name, missing] = key.split(' ') as [Exclude<CaveatGroup['kind'], 'tooFewInputs'> | 'starved', Missing];
    const { letter, flags } = name === 'starved' ? tooFewInputs : peerFlags[name];
    return {
      label,
      kind: name === 'starved' ? 'tooFewInputs' : name,
      code: missing + letter,
      // Exceptions of those two kinds leave nothing there; here a task may say them of what it made all the same.
      flags: [...lack[missing], ...(missing === '*' && 'DU'.includes(letter) ? ['NO_WORK'] : []), ...flags],
      count: 0,
      examples: [],
      quanta: [],
    };
  }

  /** Whether all, some or none of the outputs are missing, log and metadata aside. */
  #missing({ quantum, label, outputs, held }: AttemptRecord): Missing {
    const made = new Set([...outputs.map(({ dataset }) => dataset), ...(held ?? [])]);
    const aside = this.#graph.datasetTypes.filter(
      ({ name }) => name === `${label}_log` || name === `${label}_metadata`,
    );
    let expected = 0;
    let there = 0;
    for (const { dataset } of this.#graph.quantumOutputs(quantum)) {
      if (aside.some((t) => dataset >= t.firstDataset && dataset < t.firstDataset + t.datasetCount)) continue;
      expected++;
      if (made.has(dataset)) there++;
    }
    return there === expected ? '' : there === 0 ? '*' : '+';
  }
}
