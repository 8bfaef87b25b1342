// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption, limitOption, orderByOption, whereOption } from '../common-options.ts';
import type { Cell } from '../output.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';
import { globs } from './query-collections.ts';

export const queryDatasets: Verb = {
  name: 'query-datasets',
  group: 'Query',
  summary: 'find datasets by type, collection and data ID',
  arguments: [
    ['<repo>', 'repository'],
    ['[glob...]', 'dataset types or globs (default: all)'],
  ],
  options: [
    collectionsOption,
    whereOption,
    { flags: '--find-first', description: 'of each data ID only the first found in the order of the collections' },
    orderByOption,
    limitOption,
    { flags: '--show-uri', description: 'with the path of each file' },
  ],
  examples: [
    ['query-datasets repo calexp --collections u/me/drp --find-first', 'calibrated images of a run'],
    ["query-datasets repo 'deepCoadd*' --where \"tract = 0 AND skymap = 'demo'\" --show-uri", 'files of one tract'],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const wanted = globs(args['glob']);
      // A name without wildcards must exist, so that a typing error is not an empty answer.
      for (const name of wanted ?? []) if (!/[*?[]/.test(name)) await butler.getDatasetType(name);
      const types = await butler.listDatasetTypes(wanted);
      const collections =
        (options['collections'] as string[] | undefined) ??
        (await butler.listCollections(undefined, ['RUN', 'TAGGED', 'CALIBRATION'])).map((c) => c.name);
      let left: number = options['limit'] === 0 ? Number.POSITIVE_INFINITY : options['limit'];
      const all: Record<string, unknown>[] = [];
      for (const type of types) {
        if (left <= 0) break;
        let query = butler.query();
        if (options['where'] !== undefined) query = query.where(options['where']);
        if (options['orderBy'] !== undefined) query = query.orderBy(...options['orderBy']);
        if (Number.isFinite(left)) query = query.limit(left);
        const refs = [];
        for await (const ref of query.datasets(type.name, { collections, findFirst: options['findFirst'] === true })) {
          refs.push(ref);
        }
        left -= refs.length;
        if (refs.length === 0) continue;
        const files = options['showUri'] === true ? await butler.getFileRecords(refs.map((r) => r.id)) : undefined;
        const names = type.dimensions.required;
        const rows = refs.map((ref, i): Cell[] => [
          type.name,
          ref.run,
          ref.id,
          ...names.map((name) => ref.dataId.get(name)),
          ...(files === undefined ? [] : [files[i].map((f) => f.path).join(' ')]),
        ]);
        const header = ['type', 'run', 'id', ...names, ...(files === undefined ? [] : ['path'])];
        if (out.json) all.push(...rows.map((row) => Object.fromEntries(header.map((h, i) => [h, row[i]]))));
        else {
          out.rows(header, rows);
          all.push(...rows.map(() => ({})));
        }
      }
      out.value(all);
      if (left <= 0) out.warn(`stopped at ${options['limit']} rows; --limit 0 shows all`);
      if (all.length > 0) return ExitCode.ok;
      let query = butler.query();
      if (options['where'] !== undefined) query = query.where(options['where']);
      const dimensions = types.length === 1 ? types[0].dimensions.names : [];
      const reasons = await query.explainNoResults(dimensions);
      out.warn(['no dataset matches', ...reasons].join('; '));
      return ExitCode.nothing;
    });
  },
};
