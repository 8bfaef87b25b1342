// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { type Link, noRow } from '../columns/link.ts';
import type { RowSet } from '../columns/row-set.ts';
import { existingNumbers } from '../derive/existing-writer.ts';
import { linkOf } from '../derive/link-of.ts';
import { Matcher } from '../diff/match.ts';

/** A run that came before, as far as its graph and its log tell. */
export interface EarlierRun {
  readonly graph: ColumnGraph;
  /** By quantum: 1 if it ended well and what it wrote is there as recorded. */
  readonly whole: Uint8Array;
  /** By dataset row: 1 if it was made; 2 if it was made and handed over in memory only. */
  readonly made: Uint8Array;
}

/** What is to become of a quantum; numbers are places in the list. */
export const verdictNames = [
  /** An earlier run did it, from the same inputs, in the same way. */
  'kept',
  /** No earlier run has it. */
  'new',
  /** The task is not what it was: configuration, connections or code. */
  'taskChanged',
  /** It has other inputs than it had; detail: input connection. */
  'inputsChanged',
  /** An input is made anew; detail: the task that makes it. */
  'upstream',
  /** It did not end well, or a file of it is not as recorded. */
  'notWhole',
  /** It was done, but a quantum that runs needs an output that was never written; detail: the task that needs it. */
  'neededAgain',
  /** It cannot run: of some input, quanta that are kept made fewer than it needs. */
  'lacking',
] as const;
export type Verdict = (typeof verdictNames)[number];
const [KEPT, NEW, TASK_CHANGED, INPUTS_CHANGED, UPSTREAM, NOT_WHOLE, NEEDED_AGAIN, LACKING] = verdictNames.keys();

/** By quantum of the graph that is judged. */
export interface Judgement {
  readonly verdicts: Uint8Array;
  /** The newest earlier run that has the quantum: place in the list; {@link noRun}: none. */
  readonly runs: Uint8Array;
  /** Its number there. */
  readonly quanta: Uint32Array;
  /** What the verdict says more; 65535: nothing. */
  readonly details: Uint16Array;
}

export const noRun = 255;
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

/** An earlier run beside the graph that is judged; rows and types are those of the latter unless said otherwise. */
class Side {
  readonly earlier: EarlierRun;
  readonly matcher: Matcher;
  readonly #full: ColumnGraph;
  readonly #types = new Map<number, number>();

  constructor(full: ColumnGraph, earlier: EarlierRun) {
    this.#full = full;
    this.earlier = earlier;
    this.matcher = new Matcher(earlier.graph, full);
  }

  /** Index of the task of the same label there; -1: none. */
  taskIndex(t: number): number {
    const { label } = this.#full.tasks[t];
    return this.earlier.graph.tasks.findIndex((task) => task.label === label);
  }

  /** From the row of a quantum its row there, or `noRow`; undefined: there is no such task. */
  task(t: number): ((row: number) => number) | undefined {
    const there = this.taskIndex(t);
    if (there < 0) return undefined;
    const { graph } = this.earlier;
    const rows = this.matcher.rows(graph.index.tasks[there].relation, this.#full.index.tasks[t].relation);
    const chosen = graph.edges.quantaOf(there);
    return (row) => (rows[row] !== noRow && chosen.has(rows[row]) ? rows[row] : noRow);
  }

  quantum(t: number, rowThere: number): number {
    const there = this.taskIndex(t);
    return this.earlier.graph.tasks[there].firstQuantum + this.earlier.graph.edges.quantaOf(there).rank(rowThere);
  }

  /** Index of the dataset type of the same name there; -1: none. */
  typeIndex(type: number): number {
    let there = this.#types.get(type);
    if (there === undefined) {
      const { name } = this.#full.datasetTypes[type];
      there = this.earlier.graph.datasetTypes.findIndex((one) => one.name === name);
      this.#types.set(type, there);
    }
    return there;
  }

  /** Rows there of the same data IDs. */
  rowsOf(type: number): Uint32Array {
    const there = this.typeIndex(type);
    const { graph } = this.earlier;
    return this.matcher.rows(graph.index.datasetTypes[there].relation, this.#full.index.datasetTypes[type].relation);
  }

  /** 0: not made by this run; 1: made; 2: made, never on disk. */
  madeAt(type: number, row: number): number {
    const there = this.typeIndex(type);
    if (there < 0) return 0;
    const rowThere = this.rowsOf(type)[row];
    const datasets = this.earlier.graph.edges.datasetsOf(there);
    if (rowThere === noRow || !datasets.has(rowThere)) return 0;
    return this.earlier.made[this.earlier.graph.datasetTypes[there].firstDataset + datasets.rank(rowThere)];
  }
}

interface Difference {
  connection: number;
  /** The task that makes the input anew. */
  upstream?: number;
}

/** Compares the inputs of a task's quanta now with those that they had in an earlier run. */
class Inputs {
  readonly #connections: { difference(row: number, rowThere: number, kept: Kept): Difference | undefined }[];

  constructor(full: ColumnGraph, sides: readonly Side[], side: Side, t: number) {
    const { graph } = side.earlier;
    const there = side.taskIndex(t);
    const names = [...new Set([...full.tasks[t].inputNames, ...graph.tasks[there].inputNames])];
    this.#connections = names.map((name, connection) => {
      const now = endOf(full, t, name);
      const then = endOf(graph, there, name);
      const sameType =
        now === undefined ||
        then === undefined ||
        full.datasetTypes[now.type].name === graph.datasetTypes[then.type].name;
      const had = then === undefined ? () => [] : inputsThen(side, then);
      const has = now === undefined ? () => [] : inputsNow(full, sides, side, now, sameType && then !== undefined);
      return {
        difference(row, rowThere, kept) {
          const wanted = has(row, kept);
          if (!Array.isArray(wanted)) return { connection, upstream: wanted.upstream };
          const given = had(rowThere);
          if (wanted.length !== given.length) return { connection };
          if (wanted.length > 1) {
            wanted.sort((a, b) => a - b);
            given.sort((a, b) => a - b);
          }
          return wanted.every((one, i) => one === given[i] && one !== noRow) ? undefined : { connection };
        },
      };
    });
  }

  difference(row: number, rowThere: number, verdicts: Uint8Array, runs: Uint8Array): Difference | undefined {
    for (const connection of this.#connections) {
      const found = connection.difference(row, rowThere, { verdicts, runs });
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

type Kept = Pick<Judgement, 'verdicts' | 'runs'>;

interface End {
  type: number;
  datasets: RowSet;
  link: Link;
}

function endOf(graph: ColumnGraph, t: number, name: string): End | undefined {
  const at = graph.tasks[t].inputNames.indexOf(name);
  if (at < 0) return undefined;
  const { type, link } = graph.index.tasks[t].inputs[at];
  return { type, datasets: graph.edges.datasetsOf(type), link: linkOf(graph, link) };
}

/** Rows (of the earlier graph) of the datasets that a quantum had; those that its run was to make and did not make left out. */
function inputsThen({ earlier }: Side, { type, datasets, link }: End): (rowThere: number) => number[] {
  const { graph, made } = earlier;
  const { firstDataset } = graph.datasetTypes[type];
  return (rowThere) => {
    const rows: number[] = [];
    for (let i = link.begin(rowThere), end = link.end(rowThere); i < end; i++) {
      const to = link.at(i);
      if (to === noRow || !datasets.has(to)) continue;
      const own = graph.edges.producer(type, to) !== undefined;
      if (!own || made[firstDataset + datasets.rank(to)] > 0) rows.push(to);
    }
    return rows;
  };
}

/**
 * The datasets that a quantum would have now, as rows of the earlier graph; `noRow`: one that the quantum cannot have had there. Or the
 * task that makes one of them anew.
 */
function inputsNow(
  full: ColumnGraph,
  sides: readonly Side[],
  side: Side,
  { type, datasets, link }: End,
  comparable: boolean,
): (row: number, kept: Kept) => number[] | { upstream: number } {
  const producer = full.index.datasetTypes[type].producer;
  const { graph } = side.earlier;
  const there = comparable ? side.typeIndex(type) : -1;
  const byId = producer === undefined && there >= 0 ? side.matcher.datasets(there, type) : undefined;
  const byDataId = there >= 0 ? side.rowsOf(type) : undefined;
  const existing = there >= 0 ? existingNumbers(graph, there) : () => undefined;
  /** The run of a dataset of the earlier graph. */
  const runOf = (rowThere: number): string => {
    const number = existing(rowThere);
    return number === undefined ? graph.header.outputRun : graph.index.runs[graph.parts.at('existing/runs', number)];
  };
  return (row, { verdicts, runs }) => {
    const rows: number[] = [];
    for (let i = link.begin(row), end = link.end(row); i < end; i++) {
      const to = link.at(i);
      if (to === noRow || !datasets.has(to)) continue;
      const maker = full.edges.producer(type, to);
      if (maker === undefined) {
        rows.push(byId?.[to] ?? noRow);
        continue;
      }
      if (verdicts[maker] === LACKING) continue;
      if (verdicts[maker] !== KEPT) return { upstream: full.taskOf(maker) };
      const by = sides[runs[maker]];
      if (by.madeAt(type, to) === 0) continue; // its maker ended well without it
      const rowThere = byDataId?.[to] ?? noRow;
      rows.push(rowThere !== noRow && runOf(rowThere) === by.earlier.graph.header.outputRun ? rowThere : noRow);
    }
    return rows;
  };
}
