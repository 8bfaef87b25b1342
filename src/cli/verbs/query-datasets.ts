// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef, DatasetType } from '../../butler/index.ts';
import { collectionsOption, limitOption, orderByOption, whereOption } from '../common-options.ts';
import { cliErrors } from '../errors.ts';
import type { Cell } from '../output.ts';
import { Counter, limitOf, withOptions } from '../query-options.ts';
import { RowPrinter } from '../row-printer.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';
import { globs } from './query-collections.ts';

/** Datasets whose files are looked up with one query. */
const uriBatch = 2000;

export const queryDatasets: Verb = {
  name: 'query-datasets',
  group: 'Query',
  summary: 'find datasets by type, collection and data ID',
  arguments: [
    ['<repo>', 'repository'],
    ['[glob...]', 'dataset types or globs (default: all)'],
  ],
  options: [
    { ...collectionsOption, description: 'collections or globs to search, in order (default: all datasets)' },
    whereOption,
    { flags: '--find-first', description: 'of each data ID only the first found in the order of the collections' },
    { flags: '--no-find-first', description: 'all datasets (default)' },
    orderByOption,
    limitOption,
    { flags: '--show-uri', description: 'with the URI of each file' },
  ],
  examples: [
    ['query-datasets repo calexp --collections u/me/drp --find-first', 'calibrated images of a run'],
    ["query-datasets repo 'deepCoadd*' --where \"tract = 0 AND skymap = 'demo'\" --show-uri", 'files of one tract'],
    ["query-datasets repo '*' --limit 0 --json", 'everything, as it is read'],
  ],
  exitCodes: { 4: 'nothing matched; the reason is printed' },
  async action({ args, options, out }) {
    const given = options['collections'] as string[] | undefined;
    const findFirst = options['findFirst'] === true;
    if (findFirst && given === undefined) throw cliErrors.USAGE({ message: '--find-first needs --collections.' });
    const limit = limitOf({ limit: options['limit'] });
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const wanted = globs(args['glob']);
      // A name without wildcards must exist, so that a typing error is not an empty answer.
      for (const name of wanted ?? []) if (!/[*?[]/.test(name)) await butler.getDatasetType(name);
      const types = await butler.listDatasetTypes(wanted);
      // Each dataset is in one RUN.
      const collections = given ?? (await butler.listCollections(undefined, ['RUN'])).map(({ name }) => name);
      const held = new Set(await butler.query().datasetTypes(collections));
      const counter = new Counter(limit);
      const printer = new RowPrinter(out);
      for (const type of types) {
        if (!held.has(type.name)) continue;
        if (counter.full) break;
        const left = limit.rows === undefined ? limit : { ...limit, rows: counter.left };
        const query = withOptions(butler.query(), options, left);
        const refs = query.datasets(type.name, { collections, findFirst, implied: false });
        await print(butler, type, refs, { counter, printer, showUri: options['showUri'] === true, json: out.json });
      }
      if (printer.rows > 0 || out.json) await printer.end();
      counter.warn(out);
      if (printer.rows > 0) return ExitCode.ok;
      out.warn(['no dataset matches', ...(await reasons(butler, types, collections, options['where']))].join('; '));
      return ExitCode.nothing;
    });
  },
};

async function print(
  butler: ButlerApi,
  type: DatasetType,
  refs: AsyncIterable<DatasetRef>,
  { counter, printer, showUri, json }: { counter: Counter; printer: RowPrinter; showUri: boolean; json: boolean },
): Promise<void> {
  const { required } = type.dimensions;
  const header = ['type', 'run', 'id', ...required, ...(showUri ? (json ? ['path', 'uri'] : ['uri']) : [])];
  const cellsOf = (ref: DatasetRef): Cell[] => {
    const cells: Cell[] = [type.name, ref.run, ref.id];
    for (const name of required) cells.push(ref.dataId.get(name));
    return cells;
  };
  let begun = false;
  let waiting: DatasetRef[] = [];
  const flush = async (): Promise<void> => {
    const files = await butler.getFileRecords(waiting.map(({ id }) => id));
    for (const [i, ref] of waiting.entries()) {
      const paths = files[i].map(({ path }) => path);
      const uris = paths.map((path) => uriOf(butler, path));
      await printer.push([...cellsOf(ref), ...(json ? [paths.join(' ')] : []), uris.join(' ')]);
    }
    waiting = [];
  };
  for await (const ref of refs) {
    if (!counter.take()) break;
    if (!begun) await printer.begin(header);
    begun = true;
    if (showUri) {
      if (waiting.push(ref) >= uriBatch) await flush();
      continue;
    }
    const printing = printer.push(cellsOf(ref));
    if (printing !== undefined) await printing;
  }
  if (waiting.length > 0) await flush();
}

function uriOf(butler: ButlerApi, path: string): string {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(path)) return path;
  const [file, fragment] = path.split('#', 2);
  const full = file.startsWith('/') ? file : `${butler.datastoreRoot.replace(/\/$/, '')}/${file}`;
  const uri = `file://${full.split('/').map(encodeURIComponent).join('/')}`;
  return fragment === undefined ? uri : `${uri}#${fragment}`;
}

async function reasons(
  butler: ButlerApi,
  types: readonly DatasetType[],
  collections: readonly string[],
  where: string | undefined,
): Promise<string[]> {
  if (types.length === 0) return ['no dataset type matches'];
  if (collections.length === 0) return ['the repository has no collections'];
  const query = withOptions(butler.query(), { where });
  if (types.length > 1) return query.explainNoResults([]);
  const [{ name, dimensions }] = types;
  return query.explainNoResults(dimensions.required, { datasetType: name, collections });
}
