// SPDX-License-Identifier: BSD-3-Clause

import { recordFields } from '../dimensions/element.ts';
import type { DimensionUniverse } from '../dimensions/universe.ts';
import type { DataIdValue } from '../types.ts';
import { transferErrors } from './errors.ts';
import type { ExportFile, ExportSection, ExportSectionOf } from './export-file.ts';

type Row = Record<string, unknown>;
type DimensionSection = ExportSectionOf<'dimension'>;

/*
 * What changed in the dimensions of `daf_butler` since an export was written:
 *   version 1: visits have a day of observation and no "seeing";
 *   version 2: a visit may be in several visit systems, so `visit_system` left the visit for visit_system_membership;
 *   version 6: day_obs and group became dimensions; exposures had group_name and group_id.
 */

/**
 * The export in terms of the repository's universe. Exports of older versions are converted as far as this universe has what is
 * new; where an export needs what this universe has not, it is refused.
 * @throws TRANSFER_UNIVERSE
 */
export function migrateExport(exported: ExportFile, universe: DimensionUniverse): ExportFile {
  const { universeVersion: version, universeNamespace: namespace } = exported;
  const found = `${namespace} ${version}`;
  const here = `${universe.namespace} ${universe.version}`;
  if (namespace !== universe.namespace) throw transferErrors.UNIVERSE({ what: exported.file, found, here });
  const sections = convert(exported.sections, version, universe);
  const converted: ExportFile = { ...exported, sections: sections.map(([section]) => section), place };
  const origin = new Map(sections);
  function place(section: ExportSection, path?: readonly (string | number)[]) {
    return exported.place(origin.get(section) ?? section, path);
  }
  if (version !== universe.version) refuseUnknown(converted, universe, found, here);
  return converted;
}

/** Sections with those they were made of. */
function convert(
  sections: readonly ExportSection[],
  version: number,
  universe: DimensionUniverse,
): [ExportSection, ExportSection][] {
  const has = (element: string): boolean => universe.hasElement(element);
  const implies = (element: string, name: string): boolean =>
    has(element) && universe.element(element).implied.includes(name);
  const membership = version < 2 && has('visit_system_membership');
  const days = version < 6 && implies('exposure', 'day_obs');
  const visitDays = version < 6 && implies('visit', 'day_obs');
  const groups = version < 6 && implies('exposure', 'group');
  const seeing = version < 1 && has('visit') && !recordFields(universe.element('visit')).includes('seeing');
  const out: [ExportSection, ExportSection][] = [];
  const known = new Map<string, Set<string>>();
  /** Adds records that exposures or visits stand for, each once, before them. */
  const derive = (element: string, from: DimensionSection, rows: readonly Row[]): void => {
    const seen = known.get(element) ?? new Set<string>();
    known.set(element, seen);
    const records = rows.filter((row) => {
      const key = JSON.stringify(row);
      return !seen.has(key) && seen.add(key) !== undefined;
    });
    if (records.length > 0) out.push([{ type: 'dimension', element, records }, from]);
  };
  for (const section of sections) {
    if (section.type === 'dataset_type' && membership && section.dimensions.includes('visit')) {
      const dimensions = section.dimensions.filter((name) => name !== 'visit_system');
      out.push([{ ...section, dimensions }, section]);
      continue;
    }
    if (section.type !== 'dimension' || (section.element !== 'visit' && section.element !== 'exposure')) {
      out.push([section, section]);
      continue;
    }
    const rows = section.records.map((record): Row => ({ ...record }));
    const memberships: Row[] = [];
    for (const row of rows) {
      const instrument = row['instrument'];
      if (section.element === 'visit') {
        if (membership && 'visit_system' in row) {
          memberships.push({ instrument, visit_system: row['visit_system'], visit: row['id'] });
          delete row['visit_system'];
        }
        if (seeing) delete row['seeing'];
        if (version < 1 && row['day_obs'] === undefined) row['day_obs'] = dayOf(row['datetime_begin']);
      } else if (groups && 'group_name' in row) {
        row['group'] = row['group_name'];
        delete row['group_name'];
        delete row['group_id'];
      }
    }
    const isExposure = section.element === 'exposure';
    if (isExposure ? days : visitDays) {
      derive(
        'day_obs',
        section,
        rows.map((row) => ({ instrument: row['instrument'], id: row['day_obs'] })),
      );
    }
    if (isExposure && groups) {
      derive(
        'group',
        section,
        rows.map((row) => ({ instrument: row['instrument'], name: row['group'] })),
      );
    }
    out.push([{ ...section, records: rows }, section]);
    if (memberships.length > 0)
      out.push([{ type: 'dimension', element: 'visit_system_membership', records: memberships }, section]);
  }
  return out;
}

/** The date of a moment (TAI nanoseconds), `yyyymmdd`. */
function dayOf(taiNs: unknown): DataIdValue | undefined {
  if (typeof taiNs !== 'bigint') return undefined;
  return Number(new Date(Number(taiNs / 1_000_000n)).toISOString().slice(0, 10).replaceAll('-', ''));
}

/** Of another version of the universe everything must have its place here: what has not is named before anything is changed. */
function refuseUnknown(exported: ExportFile, universe: DimensionUniverse, found: string, here: string): void {
  const refuse = (what: string, section: ExportSection, path: readonly (string | number)[]): never => {
    throw transferErrors.UNIVERSE({ what, found, here }, { place: exported.place(section, path) });
  };
  for (const section of exported.sections) {
    if (section.type === 'dimension') {
      if (!universe.hasElement(section.element)) refuse(`${section.element} records`, section, ['element']);
      const element = universe.element(section.element);
      const fields = new Set([...recordFields(element), 'region', 'timespan', 'datetime_begin', 'datetime_end']);
      section.records.forEach((record, i) => {
        const field = Object.keys(record).find((name) => !fields.has(name));
        if (field !== undefined) refuse(`${section.element}.${field}`, section, ['records', i, field]);
      });
    } else if (section.type === 'dataset_type') {
      section.dimensions.forEach((name, i) => {
        if (!universe.hasElement(name))
          refuse(`Dataset type ${section.name}, for ${name},`, section, ['dimensions', i]);
      });
    }
  }
}
