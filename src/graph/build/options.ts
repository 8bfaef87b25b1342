// SPDX-License-Identifier: BSD-3-Clause
import type { DataId, DataIdColumns, DimensionUniverse } from '../../butler/index.ts';
import type { PoolOptions } from '../paged/pool.ts';
import type { Anchor } from './anchor.ts';
import type { BuildProgress } from './progress.ts';

export interface BuildOptions {
  /** Input collections in search order. */
  inputs: readonly string[];
  outputRun: string;
  /** The chain that will hold the run. */
  output?: string;
  where?: string;
  bind?: Readonly<Record<string, unknown>>;
  /** Fixed values, such as the pipeline's instrument. */
  dataId?: DataId;
  /** Tables of data IDs: only what is in all of them. */
  dataIdTables?: readonly DataIdColumns[];
  /**
   * Which overall inputs must exist for a data ID to be a candidate: all that are not optional or deferred (default), none, or these
   * types. What is not asked for here still is when quanta are pruned.
   */
  datasetConstraint?: 'all' | 'off' | readonly string[];
  /** Quanta whose results are in these collections are left out (for a resumed run: the output run itself). */
  skipExistingIn?: readonly string[];
  /** Which of those quanta are left out indeed. Default: all. */
  isDone?: (label: string, dataId: DataId) => boolean;
  /** Globs of dataset types that are kept: of other types, what a quantum needs is made again. Default: all are kept. */
  retainedDatasetTypes?: readonly string[];
  /** Results that stand in the output run may be written again. Default: that is refused. */
  clobberOutputs?: boolean;
  /** Leaves out quanta of `source`, and all after them, that no quantum of `anchor` needs. */
  pruneUnanchored?: Anchor;
  /** A quantum without a prerequisite is left out and counted (default), or the build fails at the first. */
  missingPrerequisites?: 'prune' | 'fail';
  /** Return a graph without quanta rather than fail with the explanation. */
  allowEmpty?: boolean;
  /** Count the data IDs constraint by constraint, for the report. Always done when there are none. */
  explain?: boolean;
  /** Most memory of the process: columns that do not fit wait in a temporary file. Default: all that there is. */
  memoryBytes?: number;
  /** Where the temporary file is. Default: the system's folder for those. */
  spillFolder?: string;
  /** Memory of the columns alone, in place of `memoryBytes`. */
  columns?: PoolOptions;
  /** How Python tasks that have a say are asked. Without, they are not, and the report warns of each. */
  python?: PythonHookOptions;
  onProgress?: (progress: BuildProgress) => void;
  /** Stops the build between two steps or batches. */
  signal?: AbortSignal;
}

export interface PythonHookOptions {
  /** Interpreter that can import the tasks; default: SKYMILL_PYTHON, else `python3` of the path. */
  program?: string;
  /** Root or address of the repository, for hooks that open it themselves. */
  repository: string;
  universe: DimensionUniverse;
}
