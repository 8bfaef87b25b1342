// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption, limitOption, orderByOption, whereOption } from '../common-options.ts';
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
    { flags: '--datasets <type>', description: 'only data IDs with such a dataset in --collections' },
    collectionsOption,
    whereOption,
    orderByOption,
    limitOption,
  ],
  examples: [
    ["query-data-ids repo visit detector --where \"instrument = 'SimCam' AND band = 'r'\"", 'visits in r'],
    [
      "query-data-ids repo visit patch --where \"instrument='SimCam' AND skymap='demo'\"",
      'which visit covers which patch',
    ],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const dimensions = butler.universe.conform(args['dimensions'] as string[]);
      let query = butler.query();
      if (options['where'] !== undefined) query = query.where(options['where']);
      if (options['datasets'] !== undefined) {
        query = query.joinDatasets(options['datasets'], options['collections'] ?? ['*']);
      }
      if (options['orderBy'] !== undefined) query = query.orderBy(...options['orderBy']);
      if (options['limit'] !== 0) query = query.limit(options['limit']);
      const rows = [];
      for await (const id of query.dataIds(dimensions.names)) rows.push(dimensions.names.map((name) => id.get(name)));
      if (rows.length === 0) {
        out.value([]);
        out.warn(['no data ID matches', ...(await query.explainNoResults(dimensions.names))].join('; '));
        return ExitCode.nothing;
      }
      out.rows(dimensions.names, rows);
      if (rows.length === options['limit']) out.warn(`stopped at ${rows.length} rows; --limit 0 shows all`);
      return ExitCode.ok;
    });
  },
};
