// SPDX-License-Identifier: BSD-3-Clause
import type { Timespan } from '../../butler/index.ts';
import type { Connection } from '../../pipeline/index.ts';
import { noRow } from '../columns/link.ts';
import { graphErrors } from '../errors.ts';
import { PagedColumn } from '../paged/column.ts';
import { gather } from '../paged/gather.ts';
import { groupPaged } from '../paged/group.ts';
import type { BuildContext } from './candidates.ts';
import type { FoundCalibrations } from './found.ts';
import { type RecordTables, temporalDimension } from './records.ts';
import { boundsOf, type Pairs } from './related.ts';
import type { Relation, TaskRows, TypeRows } from './tables.ts';

interface Valid extends Span {
  row: number;
  order: number;
}

const always = { beginNs: -(1n << 62n), endNs: 1n << 62n };

/**
 * Joins quanta with calibrations: same values of the calibration's dimensions, validity overlapping the time of the
 * quantum's exposure or visit (of a task without time, that of its inputs). The first collection in the search order that has an
 * answer gives it. Two answers for a connection that takes one are an error that names both.
 */
export function calibrationPairs(
  context: BuildContext,
  rows: TaskRows,
  connection: Connection,
  type: TypeRows,
  found: FoundCalibrations,
  records: RecordTables,
): Pairs {
  const { dictionaries, existing, pool } = context;
  const { relation } = rows;
  const shared = type.relation.group.required.filter((dimension) => relation.group.has(dimension));
  const { of, first, count } = groupPaged(pool, dictionaries.keys(relation, shared), relation.count);
  const own = Object.fromEntries(shared.map((name) => [name, relation.codes[name]]));
  const finder = dictionaries.finder({ count, codes: gather(pool, own, first) }, shared);
  const byGroup = new Map<number, Valid[]>();
  for (let row = 0; row < found.count; row++) {
    const group = finder.find((column) => found.codes[shared[column]].at(row));
    if (group === noRow) continue;
    const list = byGroup.get(group);
    const valid = { row, order: found.order[row], ...bounds(found.timespans[row]) };
    if (list === undefined) byGroup.set(group, [valid]);
    else list.push(valid);
  }
  for (const list of byGroup.values())
    list.sort((a, b) => a.order - b.order || (a.beginNs < b.beginNs ? -1 : a.beginNs > b.beginNs ? 1 : a.row - b.row));

  const times = timesOf(rows, records);
  const idOf = (one: Valid) => existing.id(found.firstExisting + one.row);
  const pairs = { quanta: new PagedColumn(pool), datasets: new PagedColumn(pool) };
  for (let quantum = 0; quantum < relation.count; quantum++) {
    const list = byGroup.get(of.at(quantum));
    if (list === undefined) continue;
    const time = times === undefined ? always : times(quantum);
    const valid = overlapping(list, time);
    const best = valid.filter((one) => one.order === valid[0].order);
    if (best.length > 1 && !connection.multiple && new Set(best.map(idOf)).size > 1) {
      const text = (one: Valid) => `${idOf(one)} in ${existing.runOf(found.firstExisting + one.row)}`;
      throw graphErrors.AMBIGUOUS_CALIBRATION({
        datasetType: type.name,
        label: rows.label,
        dataId: dictionaries.text(relation, quantum),
        first: text(best[0]),
        second: text(best.find((one) => idOf(one) !== idOf(best[0])) ?? best[1]),
      });
    }
    for (const one of connection.multiple ? best : best.slice(0, 1)) {
      pairs.quanta.push(quantum);
      pairs.datasets.push(one.row);
    }
  }
  of.free();
  first.free();
  return pairs;
}

/** Ranges that overlap the time, by order then begin. Validity lists are short (some per detector), so a scan will do. */
function overlapping(list: readonly Valid[], time: Span): Valid[] {
  return list.filter((one) => one.beginNs < time.endNs && time.beginNs < one.endNs);
}

function bounds(timespan: Timespan | null): Span {
  return { beginNs: timespan?.beginNs ?? always.beginNs, endNs: timespan?.endNs ?? always.endNs };
}

interface Span {
  beginNs: bigint;
  endNs: bigint;
}

/**
 * The time of each quantum: that of its exposure or visit, and of what is at the connections that the task names as its bounds; for a task
 * with neither (calibrations combined over many exposures) from the first to the last of its inputs. undefined where nothing has a time.
 */
function timesOf(rows: TaskRows, records: RecordTables): ((quantum: number) => Span) | undefined {
  const own = spansOf(rows.relation, records);
  const named = boundsOf(rows, 'temporalBounds');
  if (own !== undefined && named.length === 0) return (quantum) => own(quantum) ?? always;
  const inputs = rows.inputs.filter((input) => input.connection.kind === 'input');
  const bounds = (named.length > 0 ? named : inputs)
    .map(({ type, link }) => ({ type, link, span: spansOf(type.relation, records) }))
    .filter((input) => input.span !== undefined);
  if (own === undefined && bounds.length === 0) return undefined;
  return (quantum) => {
    let hull = own?.(quantum);
    for (const { type, link, span } of bounds) {
      for (let i = link.begin(quantum); i < link.end(quantum); i++) {
        const there = link.at(i) !== noRow && type.alive.has(link.at(i));
        const one = there ? span?.(link.at(i)) : undefined;
        if (one === undefined) continue;
        hull = {
          beginNs: hull === undefined || one.beginNs < hull.beginNs ? one.beginNs : hull.beginNs,
          endNs: hull === undefined || one.endNs > hull.endNs ? one.endNs : hull.endNs,
        };
      }
    }
    return hull ?? always;
  };
}

/** The time of each row from the records of its exposure, visit or day; undefined for rows without such a dimension. */
function spansOf(rows: Relation, records: RecordTables): ((row: number) => Span | undefined) | undefined {
  const dimension = temporalDimension(rows.group);
  const table = dimension === undefined ? undefined : records.get(dimension);
  if (table === undefined) return undefined;
  const keys = table.dimensions.map((name) => rows.codes[name]);
  const cache = new Map<number, Span>();
  return (row) => {
    const at = table.rowOf(keys.map((codes) => codes.at(row)));
    if (at === undefined) return undefined;
    let span = cache.get(at);
    if (span === undefined) {
      span = bounds((table.records[at].timespan as Timespan | null | undefined) ?? null);
      cache.set(at, span);
    }
    return span;
  };
}
