// SPDX-License-Identifier: BSD-3-Clause
import type { QuantumGraph } from '../../graph/index.ts';
import type { ReadRun, RunFolder, RunReport } from '../../run/index.ts';

/** What pages show of a run: the report, how each quantum stands, and where logs are. */
export interface RunView extends ReadRun {
  graph: QuantumGraph;
  folder: RunFolder;
  /** The repository as it was named, for the commands that a page gives. */
  repo: string;
}

export type FinalState = keyof RunReport['counts'];

export const stateWords: Record<FinalState, string> = {
  unfinished: 'not run',
  done: 'done',
  doneWithCaveat: 'done with a caveat',
  noWork: 'no work',
  failed: 'failed',
  killed: 'stopped',
  blocked: 'blocked',
  blockedNoWork: 'too few inputs',
  excluded: 'excluded',
};

/** Anchors that numbers lead to. */
export const places = {
  list: (label: string, state: string) => `list-${safe(label)}-${state}`,
  failure: (index: number) => `failure-${index + 1}`,
  retried: (index: number) => `retried-${index + 1}`,
  missing: (datasetType: string) => `missing-${safe(datasetType)}`,
  caveat: (label: string, kind: string, code: string) => `caveat-${safe(label)}-${kind}-${safe(code)}`,
};

function safe(name: string): string {
  return name.replace(/[^\w]/g, (sign) => `.${sign.codePointAt(0)!.toString(16)}`);
}

export function stateList(label: string, state: string): string {
  return `#${places.list(label, state)}`;
}
