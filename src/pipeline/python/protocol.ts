// SPDX-License-Identifier: BSD-3-Clause
import type { Connection } from '../task.ts';

/**
 * What is asked of a Python process (python/skymill_worker) about tasks that exist as Python classes, and what it answers: a line of JSON
 * each way, protocol 2.
 */
export const protocolVersion = 2;

/** One change to a configuration; they apply in order, and later ones win. */
export type PythonOverride =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'python'; readonly source: string }
  | { readonly kind: 'value'; readonly key: string; readonly value: unknown };

export interface DescribeTask {
  readonly label: string;
  readonly taskClass: string;
  readonly overrides: readonly PythonOverride[];
}

export interface DescribeRequest {
  /** Python class of the instrument, whose own settings come first. */
  readonly instrument: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>>;
  readonly tasks: readonly DescribeTask[];
  /** Expressions over the configurations by label, in Python. */
  readonly contracts: readonly string[];
}

export interface DescribeProblem {
  readonly kind: 'class' | 'import' | 'field' | 'config' | 'validate' | 'connections';
  /** What Python said. */
  readonly message: string;
  /** Which of the overrides brought it. */
  readonly override: number | null;
}

/** What a description depends on: it holds as long as these files are as they were. */
export interface DescribeSources {
  readonly files: readonly string[];
  /** Packages with their versions, for people. */
  readonly packages: Readonly<Record<string, string>>;
}

export interface TaskDescription extends DescribeSources {
  readonly label: string;
  readonly taskClass: string;
  readonly doc: string;
  readonly dimensions: readonly string[];
  readonly connections: Readonly<Record<string, DescribedConnection>>;
  readonly config: Readonly<Record<string, unknown>>;
  /** The configuration as Python statements. */
  readonly pythonConfig: string;
  /** Whether the task keeps its log. */
  readonly log: boolean;
  readonly spatialBounds: readonly string[];
  readonly temporalBounds: readonly string[];
  /** Methods by which the task takes part in graph building: `adjustQuantum`, `adjust_all_quanta`. */
  readonly hooks: readonly string[];
}

export interface DescribedConnection extends Connection {
  /** Left out of the graph until a quantum asks for it. */
  readonly deferBinding?: boolean;
  /** Datasets are found by a Python function, not by look-up. */
  readonly lookupFunction?: boolean;
}

export interface DescribeAnswer {
  readonly instrument: { readonly name: string } | { readonly error: DescribeProblem } | null;
  /** In the order of the request. */
  readonly tasks: readonly (TaskDescription | { readonly label: string; readonly error: DescribeProblem })[];
  readonly contracts: readonly ({ readonly holds: boolean } | { readonly error: string })[];
}

/** Describes tasks that are Python classes: all of a pipeline at once. */
export type TaskDescriber = (request: DescribeRequest) => Promise<DescribeAnswer>;

/** Whether the `class:` of a task may be a Python class: words with dots between them. */
export function isPythonPath(taskClass: string): boolean {
  return /^[A-Za-z_]\w*(\.[A-Za-z_]\w*)+$/.test(taskClass);
}
