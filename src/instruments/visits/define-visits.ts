// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DimensionRecord, OnConflict, Timespan } from '../../butler/index.ts';
import { readPointings } from '../ingest/pointing-index.ts';
import type { Instrument } from '../model.ts';
import { openInstrument } from '../registered.ts';
import type { VisitDefinition } from './grouping.ts';
import { type PlanOptions, planVisits, type VisitPlan } from './plan.ts';
import { rawsByExposure } from './raws.ts';
import { detectorRegionRecords, type VisitRegions, visitRegions } from './regions.ts';

export interface DefineVisitsOptions extends PlanOptions {
  instrument: string;
  collections?: readonly string[];
  where?: string;
  onConflict?: OnConflict;
  /** Pixels added around each detector: raw pointings are not exact. */
  paddingPx?: number;
  onProgress?: (done: number, total: number) => void;
  dryRun?: boolean;
}

export interface DefineVisitsReport {
  visits: number;
  /** Of these, how many were defined before. */
  present: number;
  exposures: number;
  /** Exposures left out and why (not on the sky, no pointing). */
  skipped: { exposure: number; reason: string }[];
  /** Exposures left out because they belong to visits already (`prefilter`). */
  filtered: number;
  /** Visits of several exposures that wait for their first one. */
  waiting: VisitPlan['waiting'];
}

/** Exposures of these types are never visits, even if the shutter was open to the sky. */
const calibrationTypes = new Set(['bias', 'zero', 'dark', 'flat', 'domeflat', 'skyflat', 'arc', 'lamp']);

/** Turns exposures into visits with sky regions: records of visit, visit_definition, visit_system_membership, visit_detector_region. */
export async function defineVisits(butler: ButlerApi, options: DefineVisitsOptions): Promise<DefineVisitsReport> {
  const instrument = await openInstrument(butler.root, options.instrument);
  const collections = options.collections ?? [`${instrument.name}/raw/all`];
  const raws = await rawsByExposure(butler, instrument.name, {
    collections,
    // A visit may need exposures that came before and do not match.
    where: options.incremental ? undefined : options.where,
  });
  const exposures: DimensionRecord[] = [];
  const skipped: DefineVisitsReport['skipped'] = [];
  let query = butler.query().where({ instrument: instrument.name });
  if (options.where !== undefined) query = query.where(options.where);
  for await (const record of query.dimensionRecords('exposure')) {
    if (!raws.has(record['id'] as number)) continue;
    const seesSky = record['can_see_sky'] === true || record['can_see_sky'] === 1;
    if (seesSky && !calibrationTypes.has(String(record['observation_type']))) exposures.push(record);
    else skipped.push({ exposure: record['id'] as number, reason: `it is a ${record['observation_type']}` });
  }
  const pointings = await readPointings(butler.root, instrument.name);
  const plan = await planVisits(butler, instrument, exposures, options);
  const located: { definition: VisitDefinition; regions: VisitRegions }[] = [];
  for (const [i, definition] of plan.definitions.entries()) {
    const ids = definition.exposures.map((e) => e['id'] as number);
    const regions = await visitRegions(instrument, ids, raws, { paddingPx: options.paddingPx ?? 0, pointings });
    options.onProgress?.(i + 1, plan.definitions.length);
    if (regions !== undefined) located.push({ definition, regions });
    else for (const exposure of ids) skipped.push({ exposure, reason: 'its headers give no position on the sky' });
  }
  const report = {
    visits: located.length,
    present: located.filter(({ definition }) => plan.present.has(definition.visit)).length,
    exposures: located.reduce((sum, { definition }) => sum + definition.exposures.length, 0),
    skipped,
    filtered: plan.filtered,
    waiting: plan.waiting,
  };
  if (!options.dryRun) await writeVisits(butler, instrument, plan, located, options.onConflict ?? 'skip');
  return report;
}

/** Writes visits with their exposures, systems and regions. Visits whose exposures have changed are replaced whatever `onConflict` says. */
export async function writeVisits(
  butler: ButlerApi,
  instrument: Pick<Instrument, 'name'>,
  plan: Pick<VisitPlan, 'changed'>,
  visits: readonly { definition: VisitDefinition; regions?: VisitRegions }[],
  onConflict: OnConflict,
): Promise<void> {
  const [old, grown] = [false, true].map((is) =>
    visits.filter(({ definition }) => plan.changed.has(definition.visit) === is),
  );
  await butler.insertRecords('visit_system', visitSystems(instrument), 'skip');
  for (const [group, conflict] of [
    [old, onConflict],
    [grown, 'replace'],
  ] as const) {
    const records = group.map(({ definition, regions }) => visitRecord(instrument, definition, regions?.visit ?? null));
    await butler.insertRecords('visit', records, conflict);
  }
  const each = (rows: (visit: VisitDefinition) => DimensionRecord[]): DimensionRecord[] =>
    visits.flatMap(({ definition }) => rows(definition));
  const { name } = instrument;
  const memberships = each((d) =>
    d.systems.map((system) => ({ instrument: name, visit: d.visit, visit_system: system })),
  );
  const links = each((d) => d.exposures.map((e) => ({ instrument: name, exposure: e['id'], visit: d.visit })));
  await butler.insertRecords('visit_system_membership', memberships, 'skip');
  await butler.insertRecords('visit_definition', links, 'skip');
  for (const [group, conflict] of [
    [old, onConflict],
    [grown, 'replace'],
  ] as const) {
    const records = group.flatMap(({ definition, regions }) =>
      regions === undefined ? [] : detectorRegionRecords(name, definition.visit, regions),
    );
    await butler.insertRecords('visit_detector_region', records, conflict);
  }
}

function visitRecord(
  instrument: Pick<Instrument, 'name'>,
  definition: VisitDefinition,
  region: Uint8Array | null,
): DimensionRecord {
  const first = definition.exposures[0];
  const last = definition.exposures[definition.exposures.length - 1];
  const same = (field: string) => (definition.exposures.every((e) => e[field] === first[field]) ? first[field] : null);
  return {
    instrument: instrument.name,
    id: definition.visit,
    day_obs: first['day_obs'],
    physical_filter: first['physical_filter'],
    name: definition.name,
    seq_num: first['seq_num'],
    exposure_time: definition.exposures.reduce((sum, e) => sum + Number(e['exposure_time'] ?? 0), 0),
    target_name: same('target_name'),
    observation_reason: same('observation_reason'),
    science_program: same('science_program'),
    azimuth: first['azimuth'],
    zenith_angle: first['zenith_angle'],
    region,
    timespan: {
      beginNs: (first['timespan'] as Timespan).beginNs,
      endNs: (last['timespan'] as Timespan).endNs,
    },
  };
}

function visitSystems(instrument: Pick<Instrument, 'name'>): DimensionRecord[] {
  return [
    { instrument: instrument.name, id: 0, name: 'one-to-one' },
    { instrument: instrument.name, id: 1, name: 'by-group-metadata' },
    { instrument: instrument.name, id: 2, name: 'by-seq-start-end' },
  ];
}
