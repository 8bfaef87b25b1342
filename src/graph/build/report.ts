// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';

/** What a build did and why: kept with the graph, so that "why is this not in the graph" has an answer. */
export interface BuildReport {
  /** Questions put to the repository. */
  questions: number;
  wallSeconds: number;
  components: {
    labels: readonly string[];
    dimensions: readonly string[];
    /** Data IDs over all dimensions of the component. */
    candidateRows: number;
    /** When there are none: the causes found. */
    explanation: readonly string[];
  }[];
  /** candidates = skipped + pruned + quanta */
  tasks: { label: string; candidates: number; skipped: number; pruned: number; quanta: number }[];
  pruned: PruneReason[];
}

export type PruneConstraint = 'missingInput' | 'missingPrerequisite' | 'upstreamPruned' | 'noWork';

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
}

/** The report in sentences: why tasks have fewer quanta than candidates, and why there are no candidates. */
export function explainReport(report: BuildReport): string[] {
  const sentences: string[] = [];
  for (const component of report.components) {
    if (component.candidateRows > 0) continue;
    const causes = component.explanation.length > 0 ? ` ${component.explanation.join(' ')}` : '';
    sentences.push(
      `No data IDs for ${component.labels.join(', ')} over {${component.dimensions.join(', ')}}.${causes}`,
    );
  }
  for (const reason of report.pruned) {
    const example = reason.examples[0] === undefined ? '' : `, the first being (${textOf(reason.examples[0])})`;
    const quanta = `${reason.count} of ${report.tasks.find((task) => task.label === reason.label)?.candidates ?? '?'} quanta`;
    if (reason.constraint === 'noWork')
      sentences.push(`${reason.label}: ${quanta} have no work: ${reason.message}${example}.`);
    else {
      const why = {
        missingInput: 'is not in the input collections',
        missingPrerequisite: 'was not found (a prerequisite)',
        upstreamPruned: 'will not be made, since its own quanta were left out',
      }[reason.constraint];
      sentences.push(
        `${reason.label}: ${quanta} left out because ${reason.datasetType} (${reason.connection}) ${why}${example}.`,
      );
    }
  }
  for (const task of report.tasks) {
    if (task.skipped > 0) sentences.push(`${task.label}: ${task.skipped} quanta are done already.`);
  }
  return sentences;
}

function textOf(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
