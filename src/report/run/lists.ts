// SPDX-License-Identifier: BSD-3-Clause
import { formatBytes, formatCount, formatDataId, formatSeconds, type TaskReport } from '../../run/index.ts';
import type { Block, Cell, Details, Section } from '../page.ts';
import { type FinalState, places, type RunView, stateWords } from './run-page.ts';

const listed = 200;

/** For each task and state the quanta in it, as far as a page can hold them; and the slowest and largest. */
export function quantumLists(view: RunView): Block[] {
  const { report, graph, stateOf } = view;
  return report.tasks.flatMap((task, t): Block[] => {
    const { firstQuantum, quantumCount } = graph.tasks[t];
    const byState = new Map<FinalState, number[]>();
    for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) {
      const quanta = byState.get(stateOf(q)) ?? [];
      if (quanta.length === 0) byState.set(stateOf(q), quanta);
      if (quanta.length < listed) quanta.push(q);
    }
    const states = [...byState].map(
      ([state, quanta]): Details => ({
        kind: 'details',
        anchor: places.list(task.label, state),
        summary: `${task.label}: ${formatCount(task.counts[state])} ${stateWords[state]}`,
        blocks: dataIdTable(view, quanta, task.counts[state], state),
      }),
    );
    return [...states, ...extremes(view, task)];
  });
}

function extremes(view: RunView, { label, slowest, largest }: TaskReport): Details[] {
  if (slowest.length === 0) return [];
  const row = (quantum: number, value: string): Cell[] => [
    formatDataId(view.graph.quantumDataId(quantum)),
    { text: value, right: true },
    stateWords[view.stateOf(quantum)],
  ];
  return [
    {
      kind: 'details',
      anchor: places.list(label, 'slowest'),
      summary: `${label}: the slowest`,
      blocks: [
        {
          kind: 'table',
          header: ['data ID', 'wall time', 'state'],
          rows: slowest.map(({ quantum, wallSeconds }) => row(quantum, formatSeconds(wallSeconds))),
        },
      ],
    },
    {
      kind: 'details',
      anchor: places.list(label, 'largest'),
      summary: `${label}: the largest in memory`,
      blocks: [
        {
          kind: 'table',
          header: ['data ID', 'peak', 'state'],
          rows: largest.map(({ quantum, peakMemoryBytes }) => row(quantum, formatBytes(peakMemoryBytes))),
        },
      ],
    },
  ];
}

/** Quanta by data ID, with what is known of why; says where the rest is when there are more. */
export function dataIdTable(
  view: RunView,
  quanta: readonly number[],
  count: number,
  state: FinalState | undefined,
): Block[] {
  const { graph, report } = view;
  const dimensions = [...new Set(quanta.flatMap((q) => Object.keys(graph.quantumDataId(q))))];
  const several = new Set(quanta.map((q) => graph.taskOf(q))).size > 1;
  const why =
    state === 'failed'
      ? failureCell(view)
      : state === 'blocked' || state === 'blockedNoWork'
        ? blameCell(view)
        : undefined;
  const header = [...(several ? ['task'] : []), ...dimensions, ...(why === undefined ? [] : ['because of'])];
  if (state === undefined) header.push('state');
  const rows = quanta.map((q): Cell[] => {
    const dataId = graph.quantumDataId(q);
    return [
      ...(several ? [graph.tasks[graph.taskOf(q)].label] : []),
      // Values are names, not amounts: no commas.
      ...dimensions.map(
        (name): Cell => ({ text: String(dataId[name] ?? ''), right: typeof dataId[name] === 'number' }),
      ),
      ...(why === undefined ? [] : [why(q)]),
      ...(state === undefined ? [stateWords[view.stateOf(q)]] : []),
    ];
  });
  const blocks: Block[] = [{ kind: 'table', header, rows }];
  if (count > quanta.length) {
    const label = graph.tasks[graph.taskOf(quanta[0])].label;
    const all = state === undefined || several ? label : `${label}:${state}`;
    blocks.push({
      kind: 'text',
      text: `${formatCount(count - quanta.length)} more: skymill report ${view.repo} ${report.run} --list ${all}`,
    });
  }
  return blocks;
}

function failureCell({ report }: RunView): (quantum: number) => Cell {
  const groupOf = new Map<number, number>();
  report.failures.forEach(({ quanta }, i) => {
    for (const quantum of quanta) groupOf.set(quantum, i);
  });
  return (quantum) => {
    const group = groupOf.get(quantum);
    return group === undefined ? '' : { text: report.failures[group].signature, href: `#${places.failure(group)}` };
  };
}

function blameCell(view: RunView): (quantum: number) => Cell {
  const { graph } = view;
  const cause = failureCell(view);
  return (quantum) => {
    const by = view.blamedFor(quantum);
    if (by === undefined) return '';
    const found = cause(by);
    const text = `${graph.tasks[graph.taskOf(by)].label} ${formatDataId(graph.quantumDataId(by))}`;
    return { text, href: typeof found === 'object' ? found.href : undefined };
  };
}

export function caveatSection(view: RunView): Section | undefined {
  const { caveats } = view.report;
  if (caveats.length === 0) return undefined;
  const rows = caveats.map((c): Cell[] => [
    c.label,
    c.kind,
    c.code,
    { text: c.count, href: `#${places.caveat(c.label, c.kind, c.code)}` },
    c.examples[0]?.reason ?? '',
  ]);
  return {
    title: 'Caveats',
    blocks: [
      {
        kind: 'table',
        caption:
          'Quanta that ended well, but not wholly. The letters are those of the Rubin middleware: + some outputs missing, * all; N no work, A too few inputs, U upstream failure, D unprocessable data, P partial outputs or a failure that was accepted.',
        header: ['task', 'kind', '', 'quanta', 'for example'],
        rows,
      },
      ...caveats.map(
        (c): Details => ({
          kind: 'details',
          anchor: places.caveat(c.label, c.kind, c.code),
          summary: `${c.label}: ${formatCount(c.count)} × ${c.kind} ${c.code}`,
          blocks: [
            ...c.examples.map((e): Block => ({ kind: 'text', text: `${formatDataId(e.dataId)}: ${e.reason}` })),
            ...dataIdTable(view, c.quanta, c.count, undefined),
          ],
        }),
      ),
    ],
  };
}

/** Outputs that were planned and do not exist, by data ID; logs and metadata go with their quanta. */
export function missingSection(view: RunView): Section | undefined {
  const missing = view.report.missingOutputs.filter(({ datasetType }) => !/_(metadata|log)$/.test(datasetType));
  if (missing.length === 0) return undefined;
  return {
    title: 'What is missing',
    blocks: [
      {
        kind: 'table',
        header: ['dataset type', 'planned', 'missing', 'because their quanta are'],
        rows: missing.map((m): Cell[] => [
          m.datasetType,
          m.expected,
          { text: m.missing, href: `#${places.missing(m.datasetType)}` },
          Object.entries(m.because)
            .map(([state, count]) => `${formatCount(count)} ${stateWords[state as FinalState]}`)
            .join(', '),
        ]),
      },
      ...missing.map((m): Details => {
        const ids = m.datasets.slice(0, listed).map((row) => view.graph.dataset(row).dataId);
        const dimensions = [...new Set(ids.flatMap((id) => Object.keys(id)))];
        const rows = ids.map((id) => dimensions.map((name): Cell => String(id[name] ?? '')));
        const more = m.missing - ids.length;
        return {
          kind: 'details',
          anchor: places.missing(m.datasetType),
          summary: `${m.datasetType}: ${formatCount(m.missing)} missing`,
          blocks: [
            { kind: 'table', header: dimensions, rows },
            ...(more > 0
              ? [
                  {
                    kind: 'text',
                    text: `${formatCount(more)} more: skymill report ${view.repo} ${view.report.run} --list ${m.datasetType}`,
                  } as const,
                ]
              : []),
          ],
        };
      }),
    ],
  };
}
