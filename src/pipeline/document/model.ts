// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../base/index.ts';

/**
 * A pipeline as its author wrote it, imports merged in: labels, classes and settings, nothing looked up or checked against
 * the tasks yet. Everything keeps the place it came from, so that later errors can point there.
 */
export interface PipelineDocument {
  /** Where it came from: a path, or a name for text from elsewhere. */
  file: string;
  description: string;
  instrument: { name: string; place: Place } | undefined;
  parameters: Map<string, { value: unknown; place: Place }>;
  /** In order of declaration. */
  tasks: Map<string, TaskEntry>;
  subsets: Map<string, SubsetEntry>;
  steps: StepEntry[];
  contracts: ContractEntry[];
  /** Dataset types that are not kept: handed over in memory where that can be done. */
  inMemory: Map<string, Place>;
}

export interface TaskEntry {
  label: string;
  taskClass: string;
  /** Applied one after the other. */
  config: ConfigBlock[];
  place: Place;
}

/** One item of a task's `config:`. */
export interface ConfigBlock {
  /** `key: value` settings in order; a key may be a dotted path. */
  settings: Setting[];
  /** YAML config files, applied before the settings of the block. */
  files: { path: string; baseDir: string; place: Place }[];
  /** Python source (kept for pipelines shared with Python tasks). */
  python: { source: string; place: Place } | undefined;
  /** The block holds for this data ID only. */
  dataId: { value: Record<string, unknown>; place: Place } | undefined;
}

export interface Setting {
  key: string;
  value: unknown;
  place: Place;
  /** Where the key is, if that is known apart from the value. */
  keyPlace?: Place;
}

interface SubsetEntry {
  name: string;
  labels: Set<string>;
  description: string | undefined;
  /** Set when the subset is a step: the dimensions in which the step may be divided. */
  place: Place;
}

interface StepEntry {
  /** Name of the subset that the step runs. */
  label: string;
  dimensions: readonly string[];
  place: Place;
}

export interface ContractEntry {
  contract: string;
  message: string | undefined;
  place: Place;
}

export type SubsetModifyMode = 'DROP' | 'EDIT';
