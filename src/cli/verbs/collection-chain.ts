// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import { dryRunOption } from '../common-options.ts';
import { cliErrors } from '../errors.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

const modes = ['redefine', 'extend', 'remove', 'prepend', 'pop'] as const;
type Mode = (typeof modes)[number];

export const collectionChain: Verb = {
  name: 'collection-chain',
  group: 'Repository',
  summary: 'make a chain of collections, or change its members',
  details: 'A search takes of each data ID the first dataset found in the order of the members.',
  arguments: [
    ['<repo>', 'repository'],
    ['<parent>', 'the chain; made if need be by redefine, extend and prepend'],
    ['[children...]', 'members, separated by blanks or commas; for pop: positions from 0, negative from the end'],
  ],
  options: [
    {
      flags: '--mode <how>',
      description:
        'redefine: these are the members; extend, prepend: at the end, in front; remove: these go; pop: by position (default: the first)',
      choices: modes,
      default: 'redefine',
    },
    { flags: '--flatten', description: 'instead of chains among the children, their members' },
    { flags: '--no-flatten', description: 'chains stay chains (the default)' },
    { flags: '--doc <text>', description: 'what the chain is for, if it is new' },
    dryRunOption,
  ],
  examples: [
    ['collection-chain repo u/me/all u/me/run2,u/me/run1 HSC/calib', 'define a chain'],
    ['collection-chain repo u/me/all u/me/run3 --mode prepend', 'the newest first'],
    ['collection-chain repo u/me/all --mode pop -- -1', 'without its last member'],
  ],
  async action({ args, options, out }) {
    const [dryRun, mode] = [options['dryRun'] === true, options['mode'] as Mode];
    const parent = args['parent'] as string;
    const given = ((args['children'] as string[] | undefined) ?? []).flatMap(splitList);
    if (given.length === 0 && mode !== 'pop') throw cliErrors.OPTIONS({ problem: `--mode ${mode} needs children` });
    if (options['flatten'] === true && (mode === 'remove' || mode === 'pop')) {
      throw cliErrors.OPTIONS({ problem: `--flatten has no meaning with --mode ${mode}` });
    }
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const [chain] = (await butler.listCollections([parent])).filter(({ name }) => name === parent);
      if (chain === undefined && (mode === 'remove' || mode === 'pop')) await butler.getCollection(parent); // says what is like it
      const before = chain?.children ?? [];
      const children =
        mode === 'pop' ? at(parent, before, given) : options['flatten'] === true ? await flatten(butler, given) : given;
      if (dryRun) for (const child of children) await butler.getCollection(child);
      else await butler.transaction(() => change(butler, parent, mode, children, options['doc'], chain === undefined));
      const after = dryRun ? edited(before, mode, children) : (await butler.getCollection(parent)).children!;
      if (dryRun) out.say(`Would set the members of ${parent}:`);
      if (!out.json) out.say(after.length === 0 ? `${parent} has no members.` : after.join('\n'));
      out.value({ name: parent, before, children: after, dryRun });
      return ExitCode.ok;
    });
  },
};

async function change(
  butler: ButlerApi,
  parent: string,
  mode: Mode,
  children: readonly string[],
  doc: string | undefined,
  isNew: boolean,
): Promise<void> {
  if (isNew) await butler.registerCollection(parent, 'CHAINED', doc);
  if (mode === 'redefine') await butler.setChain(parent, children);
  else if (mode === 'extend') await butler.extendChain(parent, children);
  else if (mode === 'prepend') await butler.prependToChain(parent, children);
  else await butler.removeFromChain(parent, children);
}

/** The members that the same edit gives, for a preview. */
function edited(before: readonly string[], mode: Mode, children: readonly string[]): string[] {
  const others = before.filter((name) => !children.includes(name));
  const unique = [...new Set(children)];
  if (mode === 'redefine') return unique;
  if (mode === 'extend') return [...others, ...unique];
  return mode === 'prepend' ? [...unique, ...others] : others;
}

/** Members by position. */
function at(parent: string, members: readonly string[], positions: readonly string[]): string[] {
  return (positions.length === 0 ? ['0'] : positions).map((text) => {
    const position = Number(text);
    const member = Number.isInteger(position) ? members.at(position) : undefined;
    if (member === undefined) {
      const problem = Number.isInteger(position)
        ? `${parent} has ${members.length} members, none at position ${text}`
        : `"${text}" is not a position: --mode pop takes whole numbers`;
      throw cliErrors.OPTIONS({ problem });
    }
    return member;
  });
}

/** Collections with the members of chains in their place, each once. */
async function flatten(butler: ButlerApi, names: readonly string[]): Promise<string[]> {
  const out = new Set<string>();
  const seen = new Set<string>();
  const visit = async (name: string): Promise<void> => {
    if (seen.has(name)) return;
    seen.add(name);
    const { type, children } = await butler.getCollection(name);
    if (type !== 'CHAINED') out.add(name);
    else for (const child of children ?? []) await visit(child);
  };
  for (const name of names) await visit(name);
  return [...out];
}
