// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, CollectionInfo } from '../../butler/index.ts';
import { dryRunOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { isGlob } from '../select-datasets.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const removeCollections: Verb = {
  name: 'remove-collections',
  group: 'Repository',
  summary: 'remove TAGGED, CHAINED and CALIBRATION collections; no dataset goes',
  details: 'RUN collections that match are listed and left: remove-runs removes them.',
  arguments: [
    ['<repo>', 'repository'],
    ['<collections...>', 'names or globs'],
  ],
  options: [
    noConfirmOption,
    { flags: '--remove-from-parents', description: 'also out of the chains that hold them' },
    dryRunOption,
  ],
  examples: [["remove-collections repo 'u/me/tag*' --dry-run", 'what would go']],
  exitCodes: { 4: 'no such collection matched' },
  async action({ args, options, out }) {
    const dryRun = options['dryRun'] === true;
    const unlink = options['removeFromParents'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const wanted = (args['collections'] as string[]).flatMap(splitList);
      for (const name of wanted) if (!isGlob(name)) await butler.getCollection(name);
      const matched = await butler.listCollections(wanted);
      const runs = matched.filter(({ type }) => type === 'RUN').map(({ name }) => name);
      const going = parentsFirst(matched.filter(({ type }) => type !== 'RUN'));
      if (runs.length > 0) out.warn(`RUN collections are left, see remove-runs: ${runs.join(', ')}`);
      if (going.length === 0) {
        out.warn('no collection matches that can be removed');
        out.value({ collections: [], runs, dryRun });
        return ExitCode.nothing;
      }
      const names = going.map(({ name }) => name);
      const losing = await parentsOf(butler, names);
      if (!out.json)
        out.rows(
          ['collection', 'type', 'in chains'],
          going.map(({ name, type }) => [name, type, losing.get(name)?.join(', ')]),
        );
      const report = {
        collections: names,
        unlinkedFrom: [...new Set([...losing.values()].flat())].sort(),
        runs,
        dryRun,
      };
      if (!dryRun) {
        if (!(await confirmed(`Remove these ${going.length} collections?`, options, out))) return ExitCode.ok;
        await butler.transaction(async () => {
          for (const name of names) await butler.removeCollection(name, { unlink });
        });
        out.say(`Removed ${going.length} collections.`);
      }
      out.value(report);
      return ExitCode.ok;
    });
  },
};

/** Chains before their members, so that one which goes itself does not hold its members back. */
function parentsFirst(collections: readonly CollectionInfo[]): CollectionInfo[] {
  const byName = new Map(collections.map((collection) => [collection.name, collection]));
  const out: CollectionInfo[] = [];
  const seen = new Set<string>();
  const visit = (collection: CollectionInfo): void => {
    if (seen.has(collection.name)) return;
    seen.add(collection.name);
    for (const child of collection.children ?? []) if (byName.has(child)) visit(byName.get(child)!);
    out.push(collection);
  };
  for (const collection of collections) visit(collection);
  return out.reverse();
}

/** Chains that hold these collections and stay. */
async function parentsOf(butler: ButlerApi, names: readonly string[]): Promise<Map<string, string[]>> {
  const out = new Map<string, string[]>();
  for (const { name: chain, children } of await butler.listCollections(undefined, ['CHAINED'])) {
    if (names.includes(chain)) continue;
    for (const child of children ?? []) {
      if (names.includes(child)) out.set(child, [...(out.get(child) ?? []), chain]);
    }
  }
  return out;
}
