// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DimensionRecord } from '../../butler/index.ts';
import type { VisitGrouping } from '../model.ts';
import { groupExposures, incompleteSequences, type VisitDefinition } from './grouping.ts';

export interface VisitPlan {
  /** In order of visit. */
  definitions: VisitDefinition[];
  /** Visits that are defined now, with their exposures. */
  present: ReadonlyMap<number, readonly number[]>;
  /** Visits that are there with other exposures than they shall have: their records must be replaced. */
  changed: ReadonlySet<number>;
  /** Exposures left out because they belong to visits already. */
  filtered: number;
  /** Visits of several exposures that wait for their first one. */
  waiting: { exposures: number[]; firstSeqNum: number }[];
}

export interface PlanOptions {
  /** Exposures come bit by bit: those of the same sequence or group which came before count too, and visits may grow. */
  incremental?: boolean;
  /** Leaves exposures out that belong to visits already. */
  prefilter?: boolean;
}

/** What visits exposures make, and which of them are there already. Reads `visit_definition`, and with `incremental` the exposures of the same days. */
export async function planVisits(
  butler: ButlerApi,
  instrument: { name: string; visitGrouping: VisitGrouping },
  exposures: readonly DimensionRecord[],
  options: PlanOptions = {},
): Promise<VisitPlan> {
  const present = await definedVisits(butler, instrument.name);
  const inVisits = new Set([...present.values()].flat());
  const kept = options.prefilter ? exposures.filter((e) => !inVisits.has(e['id'] as number)) : exposures;
  const filtered = exposures.length - kept.length;
  const all = options.incremental
    ? await withCompanions(butler, instrument.name, instrument.visitGrouping, kept)
    : kept;
  const given = new Set(kept.map((e) => e['id']));
  const definitions = groupExposures(all, instrument.visitGrouping).filter(
    // What concerns only exposures that were there before was settled then, unless a newcomer renumbers it.
    (d) => d.exposures.some((e) => given.has(e['id'])) || !sameMembers(d, present.get(d.visit)),
  );
  const changed = definitions.filter((d) => present.has(d.visit) && !sameMembers(d, present.get(d.visit)));
  return {
    definitions,
    present,
    changed: new Set(changed.map((d) => d.visit)),
    filtered,
    waiting: instrument.visitGrouping === 'one-to-one-and-by-counter' ? incompleteSequences(all) : [],
  };
}

/** Exposures by visit, as defined now. */
export async function definedVisits(butler: ButlerApi, instrument: string): Promise<Map<number, number[]>> {
  const visits = new Map<number, number[]>();
  for await (const record of butler.query().where({ instrument }).dimensionRecords('visit_definition')) {
    const visit = record['visit'] as number;
    const exposures = visits.get(visit);
    if (exposures === undefined) visits.set(visit, [record['exposure'] as number]);
    else exposures.push(record['exposure'] as number);
  }
  return visits;
}

function sameMembers(definition: VisitDefinition, exposures: readonly number[] | undefined): boolean {
  const members = new Set(exposures);
  return (
    members.size === definition.exposures.length && definition.exposures.every((e) => members.has(e['id'] as number))
  );
}

/** With the exposures that were there before and may be of the same visits. One query a day, or a group. */
async function withCompanions(
  butler: ButlerApi,
  instrument: string,
  grouping: VisitGrouping,
  exposures: readonly DimensionRecord[],
): Promise<DimensionRecord[]> {
  const all = new Map(exposures.map((e) => [e['id'], e]));
  if (grouping === 'one-to-one') return [...all.values()];
  const [dimension, field] = grouping === 'by-group-metadata' ? ['group', 'group'] : ['day_obs', 'day_obs'];
  for (const value of new Set(exposures.map((e) => e[field] as string | number))) {
    const query = butler.query().where({ instrument, [dimension]: value });
    const members = exposures.filter((e) => e[field] === value);
    for await (const record of query.dimensionRecords('exposure')) {
      const same = (e: DimensionRecord) => e['seq_start'] === record['seq_start'] && e['seq_end'] === record['seq_end'];
      if (!all.has(record['id']) && (dimension === 'group' || members.some(same))) all.set(record['id'], record);
    }
  }
  return [...all.values()];
}
