// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecord } from '../../butler/index.ts';
import type { VisitGrouping } from '../model.ts';

export interface VisitDefinition {
  visit: number;
  name: string;
  /** In time order. */
  exposures: DimensionRecord[];
  /** Ids of the visit systems it belongs to: 0 one-to-one, 1 by group metadata, 2 by sequence counter. */
  systems: number[];
}

/**
 * Exposures to visits. `one-to-one`: each exposure is a visit. `by-group-metadata`: exposures of one group are one visit,
 * numbered by the first. `one-to-one-and-by-counter`: each exposure, and besides each run of exposures whose
 * sequence counters say that they belong together (`seq_start` … `seq_end`); a run of one is the same visit in both systems.
 */
export function groupExposures(exposures: readonly DimensionRecord[], grouping: VisitGrouping): VisitDefinition[] {
  const sorted = [...exposures].sort((a, b) => (a['id'] as number) - (b['id'] as number));
  switch (grouping) {
    case 'one-to-one':
      return sorted.map((e) => single(e, [0]));
    case 'by-group-metadata':
      return [...Map.groupBy(sorted, (e) => String(e['group'])).values()].map((members) => ({
        visit: members[0]['id'] as number,
        name: String(members[0]['group']),
        exposures: members,
        systems: [1],
      }));
    case 'one-to-one-and-by-counter':
      return byCounter(sorted);
  }
}

/** Sequences of several exposures whose first one is not there. */
export function incompleteSequences(
  exposures: readonly DimensionRecord[],
): { exposures: number[]; firstSeqNum: number }[] {
  return [...Map.groupBy(exposures, sequenceKey).values()]
    .filter((members) => members[0]['seq_start'] !== members[0]['seq_end'] && !hasFirst(members))
    .map((members) => ({
      exposures: members.map((e) => e['id'] as number),
      firstSeqNum: members[0]['seq_start'] as number,
    }));
}

function sequenceKey(exposure: DimensionRecord): string {
  return `${exposure['day_obs']} ${exposure['seq_start']} ${exposure['seq_end']}`;
}

function hasFirst(members: readonly DimensionRecord[]): boolean {
  return members.some((e) => e['seq_num'] === members[0]['seq_start']);
}

function single(exposure: DimensionRecord, systems: number[]): VisitDefinition {
  return {
    visit: exposure['id'] as number,
    name: String(exposure['obs_id'] ?? exposure['id']),
    exposures: [exposure],
    systems,
  };
}

function byCounter(sorted: readonly DimensionRecord[]): VisitDefinition[] {
  const definitions: VisitDefinition[] = [];
  for (const members of Map.groupBy(sorted, sequenceKey).values()) {
    const [first] = members;
    const alone = first['seq_start'] === first['seq_end'];
    // A sequence whose first exposure is not there yet is not a visit yet.
    const complete = hasFirst(members);
    for (const exposure of members) {
      // The first of a sequence of several gives its number to the one-to-one visit with a leading 9 for the sequence.
      definitions.push(single(exposure, alone ? [0, 2] : [0]));
    }
    if (!alone && complete) {
      const id = first['id'] as number;
      definitions.push({
        visit: id,
        name: `${first['obs_id'] ?? id}_seq`,
        exposures: members,
        systems: [2],
      });
      const own = definitions.find((d) => d.visit === id && d.systems[0] === 0)!;
      own.visit = Number(`9${id}`);
    }
  }
  return definitions.sort((a, b) => a.visit - b.visit);
}
