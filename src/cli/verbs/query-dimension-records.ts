// SPDX-License-Identifier: BSD-3-Clause
import type { DimensionRecordValue } from '../../butler/index.ts';
import { collectionsOption, limitOption, offsetOption, orderByOption, whereOption } from '../common-options.ts';
import { joinedTypes } from '../joined-types.ts';
import type { Cell } from '../output.ts';
import { Counter, limitOf, withOptions } from '../query-options.ts';
import { RowPrinter } from '../row-printer.ts';
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
  options: [
    {
      flags: '--datasets <types>',
      description: 'only records with such datasets in --collections (names or globs)',
      list: true,
    },
    collectionsOption,
    whereOption,
    orderByOption,
    limitOption,
    offsetOption,
    { flags: '--no-check', description: 'allow expressions without a value of the instrument or sky map' },
  ],
  examples: [
    ['query-dimension-records repo exposure --where "instrument = \'Nickel\'"', 'the log of a night'],
    ['query-dimension-records repo detector', 'detectors of all instruments'],
    ['query-dimension-records repo exposure --order-by=-timespan.begin --limit 10', 'the last ten exposures'],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    const limit = limitOf({ limit: options['limit'], offset: options['offset'] });
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const element = args['element'] as string;
      let query = withOptions(butler.query(), options, limit);
      if (options['check'] === false) query = query.unchecked();
      for (const [type, collections] of await joinedTypes(butler, options))
        query = query.joinDatasets(type, collections);
      const { timespanText } = await import('../timespan-text.ts');
      const cell = (value: DimensionRecordValue): Cell =>
        value !== null && typeof value === 'object' && 'beginNs' in value ? timespanText(value) : (value as Cell);
      const counter = new Counter(limit);
      const printer = new RowPrinter(out);
      let header: string[] | undefined;
      for await (const record of query.dimensionRecords(element)) {
        if (!counter.take()) break;
        if (header === undefined) {
          header = Object.keys(record).filter((name) => name !== 'region' && name !== 'hash');
          await printer.begin(header);
        }
        const cells = out.json ? [] : header.map((name) => cell(record[name]));
        await printer.push(cells, record);
      }
      if (printer.rows > 0 || out.json) await printer.end();
      counter.warn(out);
      if (printer.rows > 0) return ExitCode.ok;
      out.warn(['no record matches', ...(await query.explainNoResults([element]))].join('; '));
      return ExitCode.nothing;
    });
  },
};
