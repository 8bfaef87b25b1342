// SPDX-License-Identifier: BSD-3-Clause
import type { ColumnGraph } from '../column-graph.ts';
import { type Link, noRow } from '../columns/link.ts';
import type { RowSet } from '../columns/row-set.ts';
import { existingNumbers } from '../derive/existing-writer.ts';
import { linkOf } from '../derive/link-of.ts';
import type { Side } from './side.ts';
import { KEPT, type Kept, LACKING } from './verdicts.ts';

interface Difference {
  connection: number;
  /** The task that makes the input anew. */
  upstream?: number;
}

/** Compares the inputs of a task's quanta now with those that they had in an earlier run. */
export class Inputs {
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

export interface End {
  type: number;
  datasets: RowSet;
  link: Link;
}

export function endOf(graph: ColumnGraph, t: number, name: string): End | undefined {
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
