// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import { readOutcomeLog } from '../outcomes/log.ts';
import type { AttemptRecord, OutputRecord } from '../outcomes/record.ts';
import type { SchedulerEvent } from '../scheduler/index.ts';
import type { InMemoryPlan } from './plan.ts';

type PresetEvent = Extract<SchedulerEvent, { type: 'preset' }>;

/** Recorded as ended well; and what it made is all on disk, or was in memory only. */
const DONE = 1;
const HELD = 2;

/**
 * Of quanta that an earlier execution ended, those that run again although their files are as recorded: what they made was only in the memory of a
 * worker, and a quantum that has still to run reads it, or it is to be written now.
 */
export class EarlierHeld {
  readonly #graph: QuantumGraph;
  readonly #plan: InMemoryPlan;
  readonly #state: Uint8Array;
  /** Presets that are not simply "done, and nothing is missing". */
  readonly #presets = new Map<number, PresetEvent>();
  readonly #again: Set<number> = new Set();
  readonly #deferred: number[] = [];

  constructor(graph: QuantumGraph, plan: InMemoryPlan) {
    this.#graph = graph;
    this.#plan = plan;
    this.#state = new Uint8Array(graph.quantumCount);
  }

  /** Takes a quantum that need not run again as far as its files go. @returns whether that is all there is to say about it */
  settles(event: PresetEvent, { quantum, held = [] }: AttemptRecord): boolean {
    if (held.some((row) => !this.#plan.isInMemory(row))) {
      this.#again.add(quantum); // to be written now
      return false;
    }
    this.#state[quantum] = held.length > 0 ? HELD : DONE;
    if (held.length === 0) return true;
    this.#deferred.push(quantum);
    if (event.state !== 'skipped' || (event.missing?.length ?? 0) > 0) this.#presets.set(quantum, event);
    return false;
  }

  /** When all were taken. `leftOut`: will not run, and so reads nothing. */
  decide(leftOut: (quantum: number) => boolean): { presets: PresetEvent[]; again: ReadonlySet<number> } {
    const open = [...this.#again];
    const { clusters } = this.#plan;
    for (const quantum of clusters?.members ?? [])
      if (this.#state[quantum] === 0 && !this.#again.has(quantum) && !leftOut(quantum)) open.push(quantum);
    for (let reader = open.pop(); reader !== undefined; reader = open.pop()) {
      for (const producer of this.#heldFor(reader)) {
        if (this.#again.has(producer)) continue;
        this.#again.add(producer);
        open.push(producer);
      }
    }
    const presets = this.#deferred
      .filter((quantum) => !this.#again.has(quantum))
      .map(
        (quantum) => this.#presets.get(quantum) ?? { type: 'preset', quantum, state: 'skipped' as const, missing: [] },
      );
    return { presets: presets as PresetEvent[], again: this.#again };
  }

  /** Quanta that held what this one reads. */
  #heldFor(reader: number): number[] {
    const { offsets, quanta } = this.#graph.dependencies();
    const read = new Set(this.#graph.quantumInputs(reader).map(({ dataset }) => dataset));
    return [...quanta.subarray(offsets[reader], offsets[reader + 1])].filter(
      (producer) =>
        this.#state[producer] === HELD &&
        this.#graph.quantumOutputs(producer).some(({ dataset }) => read.has(dataset) && this.#plan.isInMemory(dataset)),
    );
  }
}

/** The files that quanta recorded in their last attempts. */
export function filesOf(logPath: string, quanta: ReadonlySet<number>): Map<number, readonly OutputRecord[]> {
  const files = new Map<number, readonly OutputRecord[]>();
  if (quanta.size === 0) return files;
  for (const record of readOutcomeLog(logPath))
    if (record.type === 'attempt' && quanta.has(record.quantum)) files.set(record.quantum, record.outputs);
  return files;
}
