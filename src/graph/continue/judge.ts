// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { noRow } from '../columns/link.ts';
import { endOf, Inputs } from './inputs.ts';
import { type EarlierRun, Side } from './side.ts';
import {
  INPUTS_CHANGED,
  type Judgement,
  KEPT,
  type Kept,
  LACKING,
  NEEDED_AGAIN,
  NEW,
  NOT_WHOLE,
  noRun,
  TASK_CHANGED,
  UPSTREAM,
} from './verdicts.ts';

const noDetail = 0xffff;

/**
 * Compares a graph, built as if nothing had been done, with runs that were executed before (newest first). A quantum is kept if the
 * newest of them that has it did it with a task that is the same now, and had the very inputs that it would have now: existing
 * datasets by id; those that are made, by the run that made them. `changed` says of a task (by its label) and a run whether the
 * task is another than it was there.
 */
export function judge(
  full: ColumnGraph,
  earlier: readonly EarlierRun[],
  changed: (label: string, run: number) => boolean,
): Judgement {
  const n = full.quantumCount;
  const judgement: Judgement = {
    verdicts: new Uint8Array(n).fill(NEW),
    runs: new Uint8Array(n).fill(noRun),
    quanta: new Uint32Array(n),
    details: new Uint16Array(n).fill(noDetail),
  };
  const sides = earlier.map((run) => new Side(full, run));
  for (let t = 0; t < full.tasks.length; t++) judgeTask(full, sides, t, changed, judgement);
  neededAgain(full, sides, judgement);
  return judgement;
}

function judgeTask(
  full: ColumnGraph,
  sides: readonly Side[],
  t: number,
  changed: (label: string, run: number) => boolean,
  { verdicts, runs, quanta, details }: Judgement,
): void {
  const { label, firstQuantum } = full.tasks[t];
  const chosen = full.edges.quantaOf(t);
  const found = sides.map((side) => side.task(t));
  const compare = sides.map((side, r) => (found[r] === undefined ? undefined : new Inputs(full, sides, side, t)));
  const other = sides.map((_, r) => changed(label, r));
  const lacks = lackingTest(full, sides, t);
  let quantum = firstQuantum;
  for (let row = 0; row < chosen.size; row++) {
    if (!chosen.has(row)) continue;
    const q = quantum++;
    if (lacks(row, { verdicts, runs })) {
      verdicts[q] = LACKING;
      continue;
    }
    for (let r = 0; r < sides.length; r++) {
      const there = found[r]?.(row) ?? noRow;
      if (there === noRow) continue;
      const before = sides[r].quantum(t, there);
      runs[q] = r;
      quanta[q] = before;
      if (other[r]) verdicts[q] = TASK_CHANGED;
      else {
        const difference = compare[r]!.difference(row, there, verdicts, runs);
        if (difference !== undefined) {
          verdicts[q] = difference.upstream === undefined ? INPUTS_CHANGED : UPSTREAM;
          details[q] = difference.upstream ?? difference.connection;
        } else verdicts[q] = sides[r].earlier.whole[before] === 1 ? KEPT : NOT_WHOLE;
      }
      break;
    }
  }
}

/** Whether a quantum has fewer inputs than it needs at some connection, now that what is kept has made what it has made. */
function lackingTest(full: ColumnGraph, sides: readonly Side[], t: number): (row: number, kept: Kept) => boolean {
  const { inputNames, declaration } = full.tasks[t];
  const ends = inputNames.flatMap((name) => {
    const minimum = declaration.connections[name]?.minimum ?? 1;
    const end = endOf(full, t, name)!;
    return minimum > 0 && full.index.datasetTypes[end.type].producer !== undefined ? [{ ...end, minimum }] : [];
  });
  return (row, { verdicts, runs }) =>
    ends.some(({ type, datasets, link, minimum }) => {
      let [wanted, there] = [0, 0];
      for (let i = link.begin(row), end = link.end(row); i < end; i++) {
        const to = link.at(i);
        if (to === noRow || !datasets.has(to)) continue;
        wanted++;
        const maker = full.edges.producer(type, to);
        const verdict = maker === undefined ? NEW : verdicts[maker];
        if (verdict === KEPT ? sides[runs[maker!]].madeAt(type, to) > 0 : verdict !== LACKING) there++;
      }
      return wanted > 0 && there < minimum;
    });
}

/** What runs may want outputs that were never on disk: those who made them run again, and so on, from the end to the beginning. */
function neededAgain(full: ColumnGraph, sides: readonly Side[], { verdicts, runs, details }: Judgement): void {
  if (!sides.some(({ earlier }) => earlier.made.includes(2))) return;
  for (let t = full.tasks.length - 1; t >= 0; t--) {
    const { firstQuantum, quantumCount } = full.tasks[t];
    for (let q = firstQuantum; q < firstQuantum + quantumCount; q++) {
      if (verdicts[q] === KEPT || verdicts[q] === LACKING) continue;
      for (const { dataset } of full.quantumInputs(q)) {
        const { producer } = full.dataset(dataset);
        if (producer === undefined || verdicts[producer] !== KEPT) continue;
        const type = full.typeOf(dataset);
        const row = full.edges.datasetsOf(type).select(dataset - full.datasetTypes[type].firstDataset);
        if (sides[runs[producer]].madeAt(type, row) !== 2) continue;
        verdicts[producer] = NEEDED_AGAIN;
        details[producer] = t;
      }
    }
  }
}
