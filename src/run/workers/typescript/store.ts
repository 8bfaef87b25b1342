// SPDX-License-Identifier: BSD-3-Clause
import { type AssignedDataset, type DatasetRef, FileLimitedButler, type LimitedButler } from '../../../butler/index.ts';
import { runErrors } from '../../errors.ts';
import type { DatasetSpec, PlainDatasetType, SetupMessage } from '../protocol.ts';

/** The datasets of one quantum (or of the init outputs), to read and to write. */
export interface QuantumStore {
  readonly butler: LimitedButler;
  ref(spec: DatasetSpec): DatasetRef;
}

/** Makes the stores of a worker's quanta over one warm butler. */
export class WorkerStore {
  readonly #butler: FileLimitedButler;
  readonly #types = new Map<string, PlainDatasetType>();

  constructor({ root, datastoreRoot, universe, datasetTypes }: SetupMessage) {
    this.#butler = new FileLimitedButler({ root, datastoreRoot, universe, datasets: [] });
    for (const type of datasetTypes) this.#types.set(type.name, type);
  }

  /** From here on, the butler knows these datasets and no others. */
  open(datasets: readonly DatasetSpec[]): QuantumStore {
    this.#butler.clear();
    this.#butler.assign(datasets.map(assigned));
    return { butler: this.#butler, ref: (spec) => this.#ref(spec) };
  }

  #ref({ id, datasetType: name, dataId, run }: DatasetSpec): DatasetRef {
    const datasetType = this.#types.get(name);
    if (datasetType === undefined) throw runErrors.PROTOCOL({ problem: `dataset type ${name} was not announced` });
    return this.#butler.refFromPlain({ id, datasetType, dataId, run });
  }
}

function assigned({ id, existing, predicted }: DatasetSpec): AssignedDataset {
  return existing.length > 0 ? { id, records: existing } : { id, ...predicted };
}
