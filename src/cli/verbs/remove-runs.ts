// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { cliErrors } from '../errors.ts';
import { Progress } from '../progress.ts';
import { datasetCount, sayRemoval } from '../removal-preview.ts';
import { isGlob } from '../select-datasets.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const removeRuns: Verb = {
  name: 'remove-runs',
  group: 'Repository',
  summary: 'remove RUN collections with all their datasets and files',
  details: 'A preview says what goes; then it asks. An interrupted removal is ended by the same command again.',
  arguments: [
    ['<repo>', 'repository'],
    ['<collections...>', 'names or globs of RUN collections'],
  ],
  options: [
    noConfirmOption,
    { flags: '--force', description: 'with --no-confirm: also out of the chains that hold them' },
    dryRunOption,
  ],
  examples: [
    ["remove-runs repo 'u/me/test/*' --dry-run", 'what would go'],
    ['remove-runs repo u/me/test/1 --no-confirm --force', 'without asking, also from chains'],
  ],
  exitCodes: { 4: 'no RUN collection matched' },
  async action({ args, options, out }) {
    const dryRun = options['dryRun'] === true;
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const wanted = (args['collections'] as string[]).flatMap(splitList);
      for (const name of wanted.filter((one) => !isGlob(one))) {
        const { type } = await butler.getCollection(name);
        if (type === 'RUN') continue;
        throw cliErrors.OPTIONS({ problem: `"${name}" is a ${type} collection: remove-collections removes such ones` });
      }
      const runs = (await butler.listCollections(wanted, ['RUN'])).map(({ name }) => name);
      if (runs.length === 0) {
        out.warn('no RUN collection matches');
        out.value({ collections: [], dryRun });
        return ExitCode.nothing;
      }
      const preview = await butler.removeRuns(runs, { dryRun: true, unlink: true });
      if (!out.json) sayRemoval(out, preview, dryRun);
      if (dryRun) {
        out.value({ ...preview, dryRun });
        return ExitCode.ok;
      }
      const question = `Remove ${runs.length} runs with ${datasetCount(preview)} datasets for good?`;
      if (!(await confirmed(question, options, out))) return ExitCode.ok;
      const progress = new Progress('removing files', out);
      const report = await butler.removeRuns(runs, {
        // Who was asked has seen which chains lose a member.
        unlink: options['force'] === true || options['confirm'] !== false,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      out.say(`Removed ${runs.length} runs with ${datasetCount(report)} datasets.`);
      out.value({ ...report, dryRun });
      return ExitCode.ok;
    });
  },
};
