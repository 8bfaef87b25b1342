// SPDX-License-Identifier: BSD-3-Clause
import type { Universe } from '../../butler/index.ts';
import type { PipelineDocument } from '../document/model.ts';
import { pipelineErrors } from '../errors.ts';
import type { ResolvedPipeline } from './model.ts';

/**
 * Steps run one after the other, and each may be cut into groups by its dimensions that run by themselves: no step needs results of a
 * later one, no task is in two, and every task and output of a step has the step's dimensions.
 */
export function checkSteps(document: PipelineDocument, pipeline: ResolvedPipeline, universe?: Universe): void {
  checkDistinct(document);
  checkOrder(document, pipeline);
  if (universe !== undefined) checkSharding(document, pipeline, universe);
}

function checkDistinct(document: PipelineDocument): void {
  const stepOf = new Map<string, string>();
  for (const step of document.steps) {
    for (const label of document.subsets.get(step.label)?.labels ?? []) {
      const first = stepOf.get(label);
      if (first !== undefined)
        throw pipelineErrors.STEP_SHARED({ label, first, second: step.label }, { place: step.place });
      stepOf.set(label, step.label);
    }
  }
}

/** No step may need results of a later one. */
function checkOrder(document: PipelineDocument, pipeline: ResolvedPipeline): void {
  const stepOf = new Map<string, number>();
  for (const [index, step] of document.steps.entries()) {
    for (const label of document.subsets.get(step.label)?.labels ?? []) stepOf.set(label, index);
  }
  for (const type of pipeline.datasetTypes.values()) {
    const upstream = type.producer?.label;
    const made = upstream === undefined ? undefined : stepOf.get(upstream);
    if (upstream === undefined || made === undefined) continue;
    for (const { label } of type.consumers) {
      const used = stepOf.get(label);
      if (used === undefined || used >= made) continue;
      const step = document.steps[used];
      throw pipelineErrors.STEP_ORDER(
        { step: step.label, label, upstream, later: document.steps[made].label },
        { place: step.place },
      );
    }
  }
}

function checkSharding(document: PipelineDocument, pipeline: ResolvedPipeline, universe: Universe): void {
  for (const { label: step, dimensions, place } of document.steps) {
    if (dimensions.length === 0) continue;
    const sharding = universe.conform(dimensions);
    const check = (what: string, names: readonly string[]): void => {
      const own = universe.conform(names);
      const lacking = sharding.required.filter(
        (name) => !own.has(name) && !relatives(name).some((one) => own.has(one)),
      );
      if (lacking.length === 0) return;
      throw pipelineErrors.STEP_SHARDING(
        { step, dimensions: dimensions.join(', '), what, own: own.names.join(', '), lacking: lacking.join(', ') },
        { place },
      );
    };
    const labels = document.subsets.get(step)?.labels ?? new Set<string>();
    for (const { declaration } of pipeline.tasks) {
      if (!labels.has(declaration.label)) continue;
      check(`task "${declaration.label}"`, declaration.dimensions);
      for (const { kind, datasetType, dimensions: own = [] } of Object.values(declaration.connections))
        if (kind === 'output') check(`"${datasetType}", which "${declaration.label}" writes,`, own);
    }
  }
}

/** Dimensions that a record of the repository relates to this one: exposures belong to visits. */
function relatives(dimension: string): string[] {
  return { visit: ['exposure'], exposure: ['visit'] }[dimension] ?? [];
}
