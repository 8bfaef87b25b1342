// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, type Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { ContractEntry, PipelineDocument, SubsetModifyMode } from './model.ts';

/** Task labels that a list of task and subset names stands for, in the pipeline's order. */
export function expandLabels(
  document: PipelineDocument,
  names: Iterable<string>,
  what: string,
  place?: Place,
): Set<string> {
  const wanted = new Set<string>();
  for (const name of names) {
    const subset = document.subsets.get(name);
    if (document.tasks.has(name)) wanted.add(name);
    else if (subset !== undefined) for (const label of subset.labels) wanted.add(label);
    else {
      const known = [...document.tasks.keys(), ...document.subsets.keys()];
      throw pipelineErrors.UNKNOWN_LABEL({ what, label: name, hint: didYouMean(name, known) }, { place });
    }
  }
  return new Set([...document.tasks.keys()].filter((label) => wanted.has(label)));
}

/**
 * The document with some of its tasks only. A subset that loses a member is dropped (`DROP`) or shortened (`EDIT`), and a
 * step goes with its subset; contracts about tasks that are gone go too.
 */
export function keepLabels(
  document: PipelineDocument,
  keep: ReadonlySet<string>,
  mode: SubsetModifyMode,
): PipelineDocument {
  const gone = new Set([...document.tasks.keys()].filter((label) => !keep.has(label)));
  const subsets: PipelineDocument['subsets'] = new Map();
  for (const [name, subset] of document.subsets) {
    const labels = new Set([...subset.labels].filter((label) => keep.has(label)));
    if (labels.size === subset.labels.size || (mode === 'EDIT' && labels.size > 0))
      subsets.set(name, { ...subset, labels });
  }
  return {
    ...document,
    tasks: new Map([...document.tasks].filter(([label]) => keep.has(label))),
    subsets,
    steps: document.steps.filter((step) => subsets.has(step.label)),
    contracts: document.contracts.filter((contract) => !mentions(contract, gone)),
  };
}

/** Whether the contract speaks of any of these labels. */
function mentions(contract: ContractEntry, labels: ReadonlySet<string>): boolean {
  for (const match of contract.contract.matchAll(/(?<![\w.'"])([A-Za-z_]\w*)\s*\./g))
    if (labels.has(match[1])) return true;
  return false;
}
