// SPDX-License-Identifier: BSD-3-Clause
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

const types = ['RUN', 'TAGGED', 'CHAINED', 'CALIBRATION'] as const;

export const queryCollections: Verb = {
  name: 'query-collections',
  group: 'Query',
  summary: 'list collections',
  arguments: [
    ['<repo>', 'repository'],
    ['[glob...]', 'names or globs (default: all)'],
  ],
  options: [
    { flags: '--collection-type <type>', description: 'only of this type; repeat', list: true, choices: types },
    {
      flags: '--chains <how>',
      description: 'chains as a TREE of members, or as a TABLE',
      choices: ['TREE', 'TABLE'],
      default: 'TREE',
    },
  ],
  examples: [
    ['query-collections repo', 'all, chains as trees'],
    ["query-collections repo 'u/*' --collection-type CHAINED", 'the chains of users'],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const wanted = (options['collectionType'] as (typeof types)[number][] | undefined) ?? undefined;
      const found = await butler.listCollections(globs(args['glob']), wanted);
      if (out.json) out.value(found);
      else if (found.length === 0) out.warn('no collection matches');
      else {
        const all = new Map((await butler.listCollections()).map((c) => [c.name, c]));
        const rows: [string, string, string][] = [];
        const add = (name: string, depth: number): void => {
          const info = all.get(name)!;
          rows.push([`${'  '.repeat(depth)}${name}`, info.type, info.doc]);
          if (options['chains'] === 'TREE') for (const child of info.children ?? []) add(child, depth + 1);
        };
        for (const info of found) add(info.name, 0);
        out.rows(['Name', 'Type', 'Description'], rows);
      }
      return found.length === 0 ? ExitCode.nothing : ExitCode.ok;
    });
  },
};

export function globs(argument: string | string[] | undefined): string[] | undefined {
  return argument === undefined || argument.length === 0 ? undefined : [argument].flat();
}
