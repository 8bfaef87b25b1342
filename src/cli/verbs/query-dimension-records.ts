// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecordValue } from '../../butler/index.ts';
import { limitOption, orderByOption, whereOption } from '../common-options.ts';
import type { Cell } from '../output.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const queryDimensionRecords: Verb = {
  name: 'query-dimension-records',
  group: 'Query',
  summary: 'list what is known of instruments, exposures, visits, tracts, …',
  details:
    'Elements: instrument, detector, physical_filter, band, day_obs, group, exposure, visit, visit_detector_region, visit_system, skymap, tract, patch, subfilter, htm1…htm24, healpix0…healpix17.',
  arguments: [
    ['<repo>', 'repository'],
    ['<element>', 'dimension element, e.g. exposure, visit, detector'],
  ],
  options: [whereOption, orderByOption, limitOption],
  examples: [
    ['query-dimension-records repo exposure --where "instrument = \'Nickel\'"', 'the log of a night'],
    ['query-dimension-records repo detector', 'detectors of all instruments'],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const element = args['element'] as string;
      let query = butler.query();
      if (options['where'] !== undefined) query = query.where(options['where']);
      if (options['orderBy'] !== undefined) query = query.orderBy(...options['orderBy']);
      if (options['limit'] !== 0) query = query.limit(options['limit']);
      const { timespanText } = await import('../timespan-text.ts');
      const records = [];
      for await (const record of query.dimensionRecords(element)) records.push(record);
      if (records.length === 0) {
        out.value([]);
        out.warn(['no record matches', ...(await query.explainNoResults([element]))].join('; '));
        return ExitCode.nothing;
      }
      if (out.json) out.value(records);
      else {
        const header = Object.keys(records[0]).filter((name) => name !== 'region' && name !== 'hash');
        const cell = (value: DimensionRecordValue): Cell =>
          value !== null && typeof value === 'object' && 'beginNs' in value ? timespanText(value) : (value as Cell);
        out.rows(
          header,
          records.map((record) => header.map((name) => cell(record[name]))),
        );
      }
      if (records.length === options['limit']) out.warn(`stopped at ${records.length} rows; --limit 0 shows all`);
      return ExitCode.ok;
    });
  },
};
