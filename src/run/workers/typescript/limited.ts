// SPDX-License-Identifier: BSD-3-Clause
import type { DatasetRef, LimitedButler } from '../../../butler/index.ts';
import type { DatasetSpec, SetupMessage } from '../protocol.ts';

/** The datasets of one quantum (or of the init outputs), to read and to write. */
export interface QuantumStore {
  readonly butler: LimitedButler;
  ref(spec: DatasetSpec): DatasetRef;
}

/** Makes stores from what the controller said; once per worker. */
export type StoreFactory = (setup: SetupMessage) => (datasets: readonly DatasetSpec[]) => QuantumStore;
