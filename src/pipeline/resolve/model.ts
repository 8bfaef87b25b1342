// SPDX-License-Identifier: BSD-3-Clause
import type { TaskDeclaration, TaskDefinition } from '../task.ts';

/** A pipeline ready to run: tasks found, configured and ordered, dataset types agreed upon. */
export interface ResolvedPipeline {
  readonly source: string;
  readonly description: string;
  readonly instrument: string | undefined;
  /** In topological order; ties keep the order of the YAML. */
  readonly tasks: readonly ResolvedTask[];
  readonly datasetTypes: ReadonlyMap<string, PipelineDatasetType>;
  readonly subsets: ReadonlyMap<
    string,
    { readonly labels: readonly string[]; readonly description: string | undefined }
  >;
  readonly steps: readonly { readonly label: string; readonly dimensions: readonly string[] }[];
  /** Dataset types that are not kept: handed over in memory where that can be done. Absent: all are kept. */
  readonly inMemory?: readonly string[];
}

export interface ResolvedTask {
  readonly declaration: TaskDeclaration;
  /** The runner's side, where this process has it (TypeScript tasks): `adjust` and `resources` are called from here. */
  readonly definition: TaskDefinition;
  /** What the templates in names of its dataset types are filled with. */
  readonly templates?: Readonly<Record<string, string>>;
}

/** A dataset type as the pipeline's connections describe it. */
export interface PipelineDatasetType {
  readonly name: string;
  /** As declared by the producer, or by the first consumer. */
  readonly dimensions: readonly string[];
  /** Empty where tasks name only components of what a repository has. */
  readonly storageClass: string;
  readonly isCalibration: boolean;
  /** Written once a run rather than once a quantum. */
  readonly isInit: boolean;
  readonly producer: Endpoint | undefined;
  readonly consumers: readonly (Endpoint & { readonly prerequisite: boolean })[];
}

export interface Endpoint {
  readonly label: string;
  readonly connection: string;
}

/** Names of the connections that every task gets. */
export const automaticConnections = { config: '_config', metadata: '_metadata', log: '_log' } as const;
/** The one dataset of a run that says which software made it. */
export const packagesDatasetType = 'packages';

/** `calexp.wcs` is the component `wcs` of dataset type `calexp`. */
export function splitComponent(datasetType: string): { parent: string; component: string | undefined } {
  const dot = datasetType.indexOf('.');
  return dot < 0
    ? { parent: datasetType, component: undefined }
    : { parent: datasetType.slice(0, dot), component: datasetType.slice(dot + 1) };
}
