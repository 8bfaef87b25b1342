// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import {
  type Connection,
  defineTask,
  loadPipelineText,
  type ResolvedPipeline,
  resolvePipeline,
  type TaskDefinition,
} from '../../src/pipeline/index.ts';

const storage = 'StructuredDataDict';

/** A dataset that no task makes. */
export interface Given {
  dimensions: string;
  /** A prerequisite, by its validity range (calibration) or of all that is there. */
  prerequisite?: 'calibration' | 'reference';
}

/** Label: dimensions, then its inputs: labels of other tasks or names of what is given. Its output is `of_LABEL`. */
export type Plan = Readonly<Record<string, readonly [dimensions: string, ...inputs: string[]]>>;

/** A pipeline of tasks that do nothing. */
export function planned(description: string, plan: Plan, given: Readonly<Record<string, Given>>) {
  const task = (label: string): TaskDefinition => {
    const [dimensions, ...inputs] = plan[label];
    const connections: Record<string, Connection> = {
      output: { kind: 'output', datasetType: `of_${label}`, dimensions: dimensions.split(' '), storage },
    };
    for (const one of inputs) {
      const outer = given[one];
      connections[one] = {
        kind: outer?.prerequisite === undefined ? 'input' : 'prerequisite',
        datasetType: outer === undefined ? `of_${one}` : one,
        dimensions: (outer?.dimensions ?? plan[one][0]).split(' '),
        storage,
        isCalibration: outer?.prerequisite === 'calibration',
        multiple: outer?.prerequisite !== 'calibration',
      };
    }
    const definition = { name: label, dimensions: dimensions.split(' '), connections, config: z.object({}) };
    return defineTask({ ...definition, run: () => ({}) }) as TaskDefinition;
  };
  const tasks = Object.fromEntries(Object.keys(plan).map((label) => [label, task(label)]));
  const names = Object.fromEntries(Object.keys(tasks).map((name) => [name, name]));
  return async (): Promise<ResolvedPipeline> =>
    resolvePipeline(await loadPipelineText(JSON.stringify({ description, tasks: names })), async (name) => tasks[name]);
}

/** Five tasks in a row on {exposure, detector} and one that gathers each exposure. */
export const chain = planned(
  'a chain',
  {
    t1: ['exposure detector', 'raw'],
    t2: ['exposure detector', 't1'],
    t3: ['exposure detector', 't2'],
    t4: ['exposure detector', 't3'],
    t5: ['exposure detector', 't4'],
    gather: ['exposure', 't5'],
  },
  { raw: { dimensions: 'exposure detector' } },
);

/** The eleven tasks of the HSC release of 2019, from raws to forced photometry on coadds. */
export const release = planned(
  'a release of HSC',
  {
    isr: ['exposure detector', 'raw', 'bias', 'flat'],
    characterize: ['visit detector', 'isr', 'stars'],
    calibrate: ['visit detector', 'characterize', 'stars'],
    makeWarp: ['tract patch visit', 'calibrate'],
    assemble: ['tract patch band', 'makeWarp'],
    detect: ['tract patch band', 'assemble'],
    mergeDetections: ['tract patch', 'detect'],
    deblend: ['tract patch band', 'assemble', 'mergeDetections'],
    measure: ['tract patch band', 'deblend', 'stars'],
    mergeMeasurements: ['tract patch', 'measure'],
    forced: ['tract patch band', 'assemble', 'mergeMeasurements'],
  },
  {
    raw: { dimensions: 'exposure detector' },
    bias: { dimensions: 'detector', prerequisite: 'calibration' },
    flat: { dimensions: 'detector', prerequisite: 'calibration' },
    stars: { dimensions: 'htm7', prerequisite: 'reference' },
  },
);
