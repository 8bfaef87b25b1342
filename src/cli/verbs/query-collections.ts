// SPDX-License-Identifier: BSD-3-Clause
import type { CollectionInfo } from '../../butler/index.ts';
import { cliErrors } from '../errors.ts';
import type { Cell } from '../output.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

const types = ['RUN', 'TAGGED', 'CHAINED', 'CALIBRATION'] as const;
const presentations = ['TREE', 'INVERSE-TREE', 'TABLE', 'INVERSE-TABLE', 'FLATTEN', 'NO-CHILDREN'] as const;
type Presentation = (typeof presentations)[number];

export const queryCollections: Verb = {
  name: 'query-collections',
  group: 'Query',
  summary: 'list collections',
  arguments: [
    ['<repo>', 'repository'],
    ['[glob...]', 'names or globs (default: all)'],
  ],
  options: [
    {
      flags: '--collection-type <type>',
      description: `only of this type; repeat (${types.join(', ')})`,
      list: true,
      parse: (text) => oneOf(types, text),
    },
    {
      flags: '--chains <how>',
      description: `how chains show: ${presentations.join(', ')}. INVERSE shows the chains that hold a collection`,
      default: 'TREE',
      parse: (text) => oneOf(presentations, text),
    },
    { flags: '-t, --show-dataset-types', description: 'with the dataset types of each collection' },
    {
      flags: '--exclude-dataset-types <globs>',
      description: 'of these no mention, with --show-dataset-types; comma-separated',
      default: '*_config,*_log,*_metadata,packages',
    },
  ],
  examples: [
    ['query-collections repo', 'all, chains as trees'],
    ["query-collections repo 'u/*' --collection-type CHAINED", 'the chains of users'],
    ['query-collections repo u/me/run --chains INVERSE-TREE', 'the chains that hold a run'],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const wanted = options['collectionType'] as (typeof types)[number][] | undefined;
      const how = options['chains'] as Presentation;
      const all = new Map((await butler.listCollections()).map((info) => [info.name, info]));
      let found = await butler.listCollections(globs(args['glob']), how === 'FLATTEN' ? undefined : wanted);
      if (how === 'FLATTEN') found = flattened(found, all).filter((info) => wanted?.includes(info.type) ?? true);
      const held = options['showDatasetTypes'] === true ? await datasetTypes(found) : undefined;
      if (out.json) {
        const parents = parentsOf(all);
        out.value(
          found.map((info) => ({
            ...info,
            ...(how.startsWith('INVERSE') ? { parents: parents.get(info.name) ?? [] } : {}),
            ...(held === undefined ? {} : { datasetTypes: held.get(info.name) }),
          })),
        );
      } else if (found.length === 0) out.warn('no collection matches');
      else {
        const [header, rows] = present(found, all, how);
        const extra = (name: string): Cell[] => (held === undefined ? [] : [held.get(name.trim())?.join(', ') ?? '']);
        out.rows(
          held === undefined ? header : [...header, 'Dataset types'],
          rows.map((row) => [...row, ...extra(row[0])]),
        );
      }
      return found.length === 0 ? ExitCode.nothing : ExitCode.ok;

      async function datasetTypes(infos: readonly CollectionInfo[]): Promise<Map<string, string[]>> {
        const excluded = splitList(options['excludeDatasetTypes']).map(globExpression);
        const names = new Map<string, string[]>();
        for (const { name, type } of infos) {
          if (type === 'CHAINED') continue;
          const present = await butler.query().datasetTypes([name]);
          names.set(
            name,
            present.filter((one) => !excluded.some((glob) => glob.test(one))),
          );
        }
        return names;
      }
    });
  },
};

export function globs(argument: string | string[] | undefined): string[] | undefined {
  return argument === undefined || argument.length === 0 ? undefined : [argument].flat();
}

/** The rows of a presentation. */
function present(
  found: readonly CollectionInfo[],
  all: ReadonlyMap<string, CollectionInfo>,
  how: Presentation,
): [header: string[], rows: string[][]] {
  const parents = parentsOf(all);
  const next = (info: CollectionInfo): readonly string[] => {
    if (how === 'TREE' || how === 'TABLE') return info.children ?? [];
    return how === 'INVERSE-TREE' || how === 'INVERSE-TABLE' ? (parents.get(info.name) ?? []) : [];
  };
  const rows: string[][] = [];
  if (how === 'TABLE' || how === 'INVERSE-TABLE') {
    for (const info of found) rows.push([info.name, info.type, next(info).join(', '), info.doc]);
    return [['Name', 'Type', how === 'TABLE' ? 'Children' : 'Parents', 'Description'], rows];
  }
  const add = (info: CollectionInfo, depth: number): void => {
    rows.push([`${'  '.repeat(depth)}${info.name}`, info.type, info.doc]);
    for (const name of next(info)) add(all.get(name)!, depth + 1);
  };
  for (const info of found) add(info, 0);
  return [['Name', 'Type', 'Description'], rows];
}

/** The collections with all members of their chains, each once, in search order. */
function flattened(found: readonly CollectionInfo[], all: ReadonlyMap<string, CollectionInfo>): CollectionInfo[] {
  const out = new Set<CollectionInfo>();
  const visit = (info: CollectionInfo): void => {
    if (info.type !== 'CHAINED') out.add(info);
    for (const child of info.children ?? []) visit(all.get(child)!);
  };
  for (const info of found) visit(info);
  return [...out];
}

/** The chains that directly hold each collection. */
function parentsOf(all: ReadonlyMap<string, CollectionInfo>): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const { name, children } of all.values()) {
    for (const child of children ?? []) parents.set(child, [...(parents.get(child) ?? []), name]);
  }
  return parents;
}

function oneOf<T extends string>(choices: readonly T[], text: string): T {
  const choice = choices.find((one) => one === text.toUpperCase());
  if (choice === undefined) throw cliErrors.USAGE({ message: `"${text}" is none of ${choices.join(', ')}.` });
  return choice;
}

function globExpression(glob: string): RegExp {
  return new RegExp(
    `^${glob
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
}
