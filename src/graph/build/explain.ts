// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../../butler/index.ts';
import type { BuildReport, PruneReason } from './report.ts';

/** The report in sentences: why tasks have fewer quanta than candidates, and why there are no candidates. */
export function explainReport(report: BuildReport): string[] {
  const sentences: string[] = [...report.warnings];
  for (const { candidateRows, explanation, labels, dimensions, joins } of report.components) {
    if (candidateRows > 0) continue;
    const causes = explanation.length > 0 ? ` ${explanation.join(' ')}` : '';
    const counts = joins.length > 0 ? ` Data IDs left: ${joinText(joins)}.` : '';
    sentences.push(`No data IDs for ${labels.join(', ')} over {${dimensions.join(', ')}}.${causes}${counts}`);
  }
  for (const reason of report.pruned) sentences.push(pruneSentence(report, reason));
  for (const { label, datasetType, count, examples } of report.rerun)
    sentences.push(
      `${label}: ${count} quanta that are done run again because ${datasetType} is not kept and a later task needs it${exampleText(examples)}.`,
    );
  for (const { label, run, count, examples } of report.skipped)
    sentences.push(`${label}: ${count} quanta are done already: their metadata is in ${run}${exampleText(examples)}.`);
  return sentences;
}

/** What the build did, one line a step: the same for a plan that is shown and a build that is explained. */
export function stepLines(report: BuildReport): string[] {
  return report.steps.map(({ what, before, rows, wallSeconds }) => {
    const change = before === undefined || before === rows ? grouped(rows) : `${grouped(before)} -> ${grouped(rows)}`;
    return `${wallSeconds.toFixed(2).padStart(8)} s  ${what}: ${change}`;
  });
}

/** `where …: 120; raw in HSC/raw/all: 0` */
export function joinText(joins: BuildReport['components'][number]['joins']): string {
  return joins.map(({ what, rows }) => `${grouped(rows)} ${what}`).join('; ');
}

function pruneSentence(report: BuildReport, reason: PruneReason): string {
  const { label, datasetType, connection, constraint, message, count, examples, nearest } = reason;
  const candidates = report.tasks.find((task) => task.label === label)?.candidates ?? '?';
  const quanta = `${count} of ${candidates} quanta`;
  const example = exampleText(examples);
  if (constraint === 'noWork') return `${label}: ${quanta} have no work: ${message}${example}.`;
  if (constraint === 'unanchored') return `${label}: ${quanta} left out because ${message}${example}.`;
  const why = {
    missingInput: 'is not in the input collections',
    missingPrerequisite: 'was not found (a prerequisite)',
    upstreamPruned: 'will not be made, since its own quanta were left out',
    notKept:
      'is gone although the quantum that made it is done; without that type among the retained dataset types it is made again',
  }[constraint];
  const there = nearest === undefined ? '' : ` The nearest there is: (${textOf(nearest)}).`;
  const more = message === '' ? there : ` ${message}`;
  return `${label}: ${quanta} left out because ${datasetType} (${connection}) ${why}${example}.${more}`;
}

function exampleText(examples: readonly DataId[]): string {
  return examples[0] === undefined ? '' : `, the first being (${textOf(examples[0])})`;
}

function textOf(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}

/** 1234567 as `1 234 567`. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ' ');
}
