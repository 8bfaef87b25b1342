// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';

/** How many quanta are named as examples of a reason. */
export const exampleCount = 3;

/** What a build did and why: kept with the graph, so that "why is this not in the graph" has an answer. */
export interface BuildReport {
  /** Questions put to the repository. */
  questions: number;
  wallSeconds: number;
  /** Written to a temporary file to keep within the memory allowed. */
  spilledBytes?: number;
  components: {
    labels: readonly string[];
    dimensions: readonly string[];
    /** Data IDs over all dimensions of the component. */
    candidateRows: number;
    /** When there are none: the causes found. */
    explanation: readonly string[];
    /** When there are none, or when asked: how many are left as one constraint after the other is added. */
    joins: { what: string; rows: number }[];
  }[];
  /** candidates = skipped + pruned + quanta */
  tasks: { label: string; candidates: number; skipped: number; pruned: number; quanta: number }[];
  /** Quanta that are done already, and where. */
  skipped: SkipReason[];
  /** Quanta that are done but run again. */
  rerun: RerunReason[];
  pruned: PruneReason[];
  /** What was asked for and had no effect. */
  warnings: string[];
  /** What the build did, in order, with counts: the plan of `--dry-run` and `--explain`. */
  steps: BuildStep[];
}

/** One step of a build: so many rows came in, so many were left. */
export interface BuildStep {
  kind:
    | 'count'
    | 'dataIds'
    | 'datasets'
    | 'prerequisites'
    | 'skip'
    | 'records'
    | 'python'
    | 'prune'
    | 'anchor'
    | 'assemble';
  /** What was done, in words. */
  what: string;
  /** Rows before, where the step takes some away. */
  before?: number;
  rows: number;
  wallSeconds: number;
}

export interface SkipReason {
  label: string;
  /** The run that holds the metadata dataset, which says that the quantum ended well. */
  run: string;
  count: number;
  examples: DataId[];
}

export interface RerunReason {
  label: string;
  /** The dataset type that a later task needs and that is not kept. */
  datasetType: string;
  count: number;
  examples: DataId[];
}

export type PruneConstraint =
  | 'missingInput'
  | 'missingPrerequisite'
  | 'upstreamPruned'
  | 'notKept'
  | 'noWork'
  | 'unanchored';

export interface PruneReason {
  label: string;
  connection: string;
  datasetType: string;
  constraint: PruneConstraint;
  /** What `adjust` said. */
  message: string;
  count: number;
  /** The first few quanta. */
  examples: DataId[];
  /** Of an input that is missing: the dataset that is there nearest to what the first quantum lacks. */
  nearest?: DataId;
}
