// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption, limitOption, offsetOption, orderByOption, whereOption } from '../common-options.ts';
import { joinedTypes } from '../joined-types.ts';
import { Counter, limitOf, withOptions } from '../query-options.ts';
import { RowPrinter } from '../row-printer.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const queryDataIds: Verb = {
  name: 'query-data-ids',
  group: 'Query',
  summary: 'list data IDs: combinations of dimension values that belong together',
  arguments: [
    ['<repo>', 'repository'],
    ['<dimensions...>', 'dimensions, e.g. visit detector tract'],
  ],
  options: [
    {
      flags: '--datasets <types>',
      description: 'only data IDs with such datasets in --collections (names or globs)',
      list: true,
    },
    collectionsOption,
    whereOption,
    orderByOption,
    limitOption,
    offsetOption,
  ],
  examples: [
    ["query-data-ids repo visit detector --where \"instrument = 'SimCam' AND band = 'r'\"", 'visits in r'],
    [
      "query-data-ids repo visit patch --where \"instrument='SimCam' AND skymap='demo'\"",
      'which visit covers which patch',
    ],
    ['query-data-ids repo exposure --datasets raw --collections SimCam/raw/all', 'exposures with raw files'],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    const limit = limitOf({ limit: options['limit'], offset: options['offset'] });
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const { names } = butler.universe.conform(args['dimensions'] as string[]);
      let query = withOptions(butler.query(), options, limit);
      for (const [type, collections] of await joinedTypes(butler, options))
        query = query.joinDatasets(type, collections);
      const counter = new Counter(limit);
      const printer = new RowPrinter(out);
      await printer.begin(names);
      for await (const id of query.dataIds(names)) {
        if (!counter.take()) break;
        const printing = printer.push(names.map((name) => id.get(name)));
        if (printing !== undefined) await printing;
      }
      if (printer.rows > 0 || out.json) await printer.end();
      counter.warn(out);
      if (printer.rows > 0) return ExitCode.ok;
      out.warn(['no data ID matches', ...(await query.explainNoResults(names))].join('; '));
      return ExitCode.nothing;
    });
  },
};
