// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef, PruneMode, RemovalReport } from '../../butler/index.ts';
import { dryRunOption, whereOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { cliErrors } from '../errors.ts';
import { Progress } from '../progress.ts';
import { datasetCount, sayRemoval } from '../removal-preview.ts';
import { selectDatasets } from '../select-datasets.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const pruneDatasets: Verb = {
  name: 'prune-datasets',
  group: 'Repository',
  summary: 'take datasets out of tags, or remove their files, or all of them',
  details:
    'Without --disassociate, --purge or --unstore the files are removed (--unstore): the datasets stay in the registry and can be made again. A preview says what goes; then it asks.',
  arguments: [
    ['<repo>', 'repository'],
    ['[collections...]', 'collections to search, in order; globs with --find-all only'],
  ],
  options: [
    { flags: '--datasets <globs>', description: 'dataset types (default: all)', list: true },
    whereOption,
    { flags: '--find-all', description: 'of each data ID all that are found, not only the first' },
    { flags: '--disassociate <tags>', description: 'take them out of these TAGGED collections', list: true },
    {
      flags: '--purge <run>',
      description:
        'remove them altogether, those of RUN collections among the collections (or of this run, if none are given)',
    },
    { flags: '--unstore', description: 'remove their files; the registry keeps them' },
    { flags: '--quiet', description: 'say nothing; implies --no-confirm' },
    noConfirmOption,
    dryRunOption,
  ],
  examples: [
    ["prune-datasets repo u/me/run1 --datasets '*_log' --unstore --dry-run", 'what unstoring the logs would do'],
    ['prune-datasets repo u/me/run1 --datasets warp --purge u/me/run1 --no-confirm', 'remove all warps of a run'],
    [
      'prune-datasets repo u/me/run1 --disassociate good/science --where "instrument = \'HSC\' AND visit = 1228"',
      'out of a tag',
    ],
  ],
  exitCodes: { 4: 'nothing matched' },
  async action({ args, options, out }) {
    const { disassociate, purge } = options as { disassociate?: string[]; purge?: string };
    const dryRun = options['dryRun'] === true;
    const modes = modesOf(options);
    if (options['quiet'] === true && dryRun)
      throw cliErrors.OPTIONS({ problem: '--quiet and --dry-run exclude each other' });
    const given = ((args['collections'] as string[] | undefined) ?? []).flatMap(splitList);
    const collections = given.length > 0 ? given : purge !== undefined ? [purge] : (disassociate ?? []);
    if (collections.length === 0) throw cliErrors.OPTIONS({ problem: 'prune-datasets needs collections to search in' });
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      if (purge !== undefined) await assertType(butler, purge, 'RUN');
      for (const tag of disassociate ?? []) await assertType(butler, tag, 'TAGGED');
      const refs: DatasetRef[] = [];
      const selected = selectDatasets(butler, {
        datasetTypes: options['datasets'],
        collections,
        where: options['where'],
        findFirst: options['findAll'] !== true,
      });
      const mayGo = purge === undefined ? undefined : await runsAmong(butler, collections);
      let elsewhere = 0;
      for await (const ref of selected) {
        if (mayGo?.has(ref.run) ?? true) refs.push(ref);
        else elsewhere++;
      }
      if (elsewhere > 0) out.warn(`${elsewhere} datasets are left: their runs are not among the collections`);
      if (refs.length === 0) {
        out.warn('no dataset matches');
        out.value({ reports: [], dryRun });
        return ExitCode.nothing;
      }
      const run = (dry: boolean, progress?: Progress): Promise<RemovalReport[]> =>
        inTurn(modes, (mode) =>
          butler.pruneDatasets(refs, {
            mode,
            tags: mode === 'disassociate' ? disassociate : undefined,
            dryRun: dry,
            onProgress: (done, total) => progress?.update(done, total),
          }),
        );
      const preview = await run(true);
      const reports = modes.map((mode, i) => ({ mode, ...preview[i] }));
      if (options['quiet'] !== true && !out.json) {
        for (const [i, report] of preview.entries()) {
          if (i > 0 || modes.length > 1) out.say(`${modes[i]}:`);
          sayRemoval(out, report, dryRun);
        }
      }
      if (dryRun) {
        out.value({ reports, dryRun });
        return ExitCode.ok;
      }
      const question = `${questions[modes.at(-1)!]} ${refs.length} datasets?`;
      const sure = options['quiet'] === true ? { confirm: false } : options;
      if (!(await confirmed(question, sure, out))) return ExitCode.ok;
      const progress = new Progress('removing files', out);
      const done = await run(false, progress);
      progress.end();
      if (options['quiet'] !== true) out.say(`${results[modes.at(-1)!]} ${datasetCount(done.at(-1)!)} datasets.`);
      out.value({ reports: modes.map((mode, i) => ({ mode, ...done[i] })), dryRun });
      return ExitCode.ok;
    });
  },
};

const questions: Record<PruneMode, string> = {
  disassociate: 'Disassociate',
  unstore: 'Remove the files of',
  purge: 'Remove for good',
};
const results: Record<PruneMode, string> = {
  disassociate: 'Disassociated',
  unstore: 'Removed the files of',
  purge: 'Removed',
};

function modesOf(options: Record<string, unknown>): PruneMode[] {
  if (options['purge'] !== undefined && options['disassociate'] !== undefined) {
    const problem = '--purge takes datasets out of every tag: it cannot be together with --disassociate';
    throw cliErrors.OPTIONS({ problem });
  }
  if (options['purge'] !== undefined) return ['purge'];
  if (options['disassociate'] === undefined) return ['unstore'];
  return options['unstore'] === true ? ['disassociate', 'unstore'] : ['disassociate'];
}

async function assertType(butler: ButlerApi, name: string, type: 'RUN' | 'TAGGED'): Promise<void> {
  const found = await butler.getCollection(name);
  if (found.type !== type)
    throw cliErrors.OPTIONS({ problem: `"${name}" is a ${found.type} collection, not a ${type} one` });
}

/** RUN collections among these, also as members of chains. */
async function runsAmong(butler: ButlerApi, names: readonly string[]): Promise<Set<string>> {
  const all = new Map((await butler.listCollections()).map((collection) => [collection.name, collection]));
  const globs = names.filter((name) => !all.has(name));
  const queue = [...names, ...(globs.length > 0 ? await butler.listCollections(globs) : []).map(({ name }) => name)];
  const seen = new Set<string>();
  const runs = new Set<string>();
  for (let name = queue.pop(); name !== undefined; name = queue.pop()) {
    if (seen.has(name)) continue;
    seen.add(name);
    const found = all.get(name);
    if (found?.type === 'RUN') runs.add(name);
    queue.push(...(found?.children ?? []));
  }
  return runs;
}

async function inTurn<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const out: R[] = [];
  for (const item of items) out.push(await work(item));
  return out;
}
