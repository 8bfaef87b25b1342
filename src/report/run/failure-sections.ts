// SPDX-License-Identifier: BSD-3-Clause
import {
  concentrationPhrases,
  type FailureGroup,
  formatCount,
  formatDataId,
  formatSeconds,
  readAttemptLog,
} from '../../run/index.ts';
import type { Block, Details, Section } from '../page.ts';
import { dataIdTable } from './lists.ts';
import { places, type RunView } from './run-page.ts';

const unfolded = 3;
const logBytes = 1 << 13;
const quantaListed = 500;

/** Failures, most frequent first: what they have in common, examples with cause, stack and log, and which quanta they hit. */
export function failureSection(view: RunView): Section | undefined {
  const { failures } = view.report;
  if (failures.length === 0) return undefined;
  return {
    title: 'What failed',
    blocks: failures.map(
      (group, i): Details => ({
        kind: 'details',
        anchor: places.failure(i),
        summary: `${formatCount(group.count)} × ${group.signature} (${group.labels.join(', ')})`,
        open: i < unfolded,
        blocks: groupBlocks(view, group),
      }),
    ),
  };
}

function groupBlocks(view: RunView, group: FailureGroup): Block[] {
  const blocks: Block[] = concentrationPhrases(group.concentrations).map((text) => ({
    kind: 'text',
    text: `${text[0].toUpperCase()}${text.slice(1)}.`,
  }));
  if (group.next !== undefined) blocks.push({ kind: 'text', text: `What to do: ${group.next}` });
  for (const example of group.examples) blocks.push(exampleBlock(view, example));
  blocks.push({
    kind: 'details',
    summary: `All ${formatCount(group.count)} quanta`,
    blocks: dataIdTable(view, group.quanta.slice(0, quantaListed), group.count, 'failed'),
  });
  return blocks;
}

function exampleBlock({ folder, repo, report }: RunView, e: FailureGroup['examples'][number]): Details {
  const when = new Date(e.endedUnixMs).toISOString().slice(0, 19).replace('T', ' ');
  const blocks: Block[] = [
    {
      kind: 'text',
      text: `Attempt ${e.attempt}, ended ${when} on ${e.host}, process ${e.workerPid}: ${e.cause?.kind ?? ''}`,
    },
    { kind: 'verbatim', text: e.cause?.stack ?? e.cause?.message ?? '' },
  ];
  if (e.cause?.stderrTail)
    blocks.push({ kind: 'text', text: 'Last lines of the process:' }, verbatim(e.cause.stderrTail));
  const log = readAttemptLog(folder, e, logBytes).trimEnd();
  if (log !== '') blocks.push({ kind: 'text', text: 'Log of the attempt, its end:' }, verbatim(log));
  const place = `${e.label} ${formatDataId(e.dataId)}`;
  blocks.push(verbatim(`skymill why ${repo} ${report.run} ${place}\nskymill replay ${repo} ${report.run} ${place}`));
  return { kind: 'details', summary: `${place}: ${e.cause?.message ?? ''}`, blocks };
}

function verbatim(text: string): Block {
  return { kind: 'verbatim', text };
}

/** What was tried again, and whether it helped. */
export function retriedSection(view: RunView): Section | undefined {
  const { retried } = view.report;
  if (retried.length === 0) return undefined;
  return {
    title: 'What was tried again',
    blocks: retried.map((r, i): Details => {
      const fate = `${formatCount(r.rescued)} of ${formatCount(r.quanta)} quanta ended well`;
      const failed = r.failed > 0 ? `, ${formatCount(r.failed)} failed` : '';
      return {
        kind: 'details',
        anchor: places.retried(i),
        summary: `${formatCount(r.attempts)} × ${r.signature} (${r.labels.join(', ')}): ${fate}${failed}`,
        blocks: [
          {
            kind: 'text',
            text: `Rule ${r.rules.join(', ') || 'none'}; ${formatSeconds(r.lostSeconds)} of wall time lost. ${concentrationPhrases(r.concentrations).join('; ')}`,
          },
          ...dataIdTable(view, r.listed, r.quanta, undefined),
        ],
      };
    }),
  };
}
