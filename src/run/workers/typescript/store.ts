// SPDX-License-Identifier: BSD-3-Clause
import { type AssignedDataset, DatasetMemory, type DatasetRef, FileLimitedButler } from '../../../butler/index.ts';
import { automaticConnections } from '../../../pipeline/index.ts';
import { runErrors } from '../../errors.ts';
import type { DatasetSpec, PlainDatasetType, QuantumSpec, SetupMessage } from '../protocol.ts';

/** The datasets of one quantum (or of the init outputs), to read and to write. */
export interface QuantumStore {
  readonly butler: FileLimitedButler;
  ref(spec: DatasetSpec): DatasetRef;
}

/** Left to everything else on the machine when what is kept gives way. */
const spareBytes = 2 ** 28;
const lookMs = 100;

/** Makes the stores of a worker's quanta over one warm butler, whose memory hands datasets over from one to the next. */
export class WorkerStore {
  readonly #butler: FileLimitedButler;
  readonly #memory: DatasetMemory;
  readonly #limits: { keepBytes: number; shareBytes: number };
  #lookedMs = Number.NEGATIVE_INFINITY;
  readonly #types = new Map<string, PlainDatasetType>();

  /** @param onChange called when there is more or less in memory */
  constructor(
    { root, datastoreRoot, universe, datasetTypes, memory, archiveFolder }: SetupMessage,
    onChange: () => void,
  ) {
    this.#limits = memory ?? { keepBytes: 0, shareBytes: 0 };
    this.#memory = new DatasetMemory(this.#limits.keepBytes, (name) => memory?.readers[name] ?? 'none', onChange);
    this.#butler = new FileLimitedButler({ root, datastoreRoot, universe, datasets: [] }, this.#memory);
    if (archiveFolder !== undefined) this.#butler.openArchive(archiveFolder);
    for (const type of datasetTypes) this.#types.set(type.name, type);
  }

  /** From here on, the butler knows these datasets and no others. */
  open(datasets: readonly DatasetSpec[]): QuantumStore {
    this.#butler.clear();
    this.#butler.assign(datasets.map(assigned));
    return { butler: this.#butler, ref: (spec) => this.#ref(spec) };
  }

  /** Bytes of datasets in memory that are not the running quantum's: what is kept, and what is nowhere else. */
  get bytes(): { kept: number; held: number } {
    return { kept: this.#memory.keptBytes, held: this.#memory.onlyBytes };
  }

  /** Before a quantum: what is kept gives way to what it may need. */
  makeRoom({ requestedMemoryBytes }: QuantumSpec): void {
    const { keptBytes, onlyBytes } = this.#memory;
    const { keepBytes, shareBytes } = this.#limits;
    this.#memory.limitBytes = Math.min(keepBytes, Math.max(0, shareBytes - onlyBytes - requestedMemoryBytes));
    const now = performance.now();
    if (keptBytes === 0 || now - this.#lookedMs < lookMs) return;
    this.#lookedMs = now;
    const lacking = requestedMemoryBytes + spareBytes - process.availableMemory();
    if (lacking > 0) this.#memory.shrink(Math.max(0, keptBytes - lacking));
  }

  /** After a quantum: what it was the only one to read is wanted no more. */
  consumed(inputs: readonly DatasetSpec[]): void {
    for (const { id, datasetType, inMemory } of inputs)
      if (inMemory !== true && this.#memory.readersOf(datasetType) === 'one') this.#memory.drop(id);
  }

  /** Of a quantum that failed nobody reads anything; and datasets that are only here and wanted no more. */
  forget(datasets: readonly string[]): void {
    for (const id of datasets) this.#memory.drop(id);
  }

  /** Brings to the disk what archives were given so far. */
  syncArchive(): Promise<void> {
    return this.#butler.syncArchive();
  }

  /** Finishes the archive of logs and metadata. */
  closeArchive(): Promise<void> {
    return this.#butler.closeArchive();
  }

  #ref({ id, datasetType: name, dataId, run }: DatasetSpec): DatasetRef {
    const datasetType = this.#types.get(name);
    if (datasetType === undefined) throw runErrors.PROTOCOL({ problem: `dataset type ${name} was not announced` });
    return this.#butler.refFromPlain({ id, datasetType, dataId, run });
  }
}

function assigned({ id, existing, predicted, connection }: DatasetSpec): AssignedDataset {
  if (existing.length > 0) return { id, records: existing };
  const archived = connection === automaticConnections.log || connection === automaticConnections.metadata;
  return { id, ...predicted, archived };
}
