// SPDX-License-Identifier: BSD-3-Clause
import type { Timespan } from '../../butler/index.ts';
import type { UpdateExposuresReport } from '../../instruments/index.ts';
import { collectionsOption, dryRunOption, jobsOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { cliErrors } from '../errors.ts';
import type { Cell, Output } from '../output.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

/** Changes shown field by field; the rest is counted. */
const shown = 40;

export const updateExposuresFromRaws: Verb = {
  name: 'update-exposures-from-raws',
  group: 'Ingest',
  summary: 'make the records of exposures anew from the headers of their raw files',
  details:
    'For headers that were corrected, or rules that read them. Reads one file of each exposure, shows which fields change, and asks. Visits made of the exposures are brought up to date by define-visits --update-records.',
  arguments: [
    ['<repo>', 'repository'],
    ['<instrument>', 'registered instrument'],
  ],
  options: [
    {
      flags: '--where <expression>',
      description: 'which exposures, e.g. "exposure.day_obs = 20260110"',
      required: true,
    },
    { ...collectionsOption, description: 'where the raws are (default: <instrument>/raw/all)' },
    { flags: '--fail-fast', description: 'stop at the first file that cannot be understood' },
    jobsOption,
    noConfirmOption,
    dryRunOption,
  ],
  examples: [
    ['update-exposures-from-raws repo HSC --where "exposure.day_obs = 20240513" --dry-run', 'what would change'],
  ],
  exitCodes: { 3: 'some files could not be understood', 4: 'no raw matched' },
  async action({ args, options, out }) {
    const { updateExposures } = await import('../../instruments/index.ts');
    const dryRun = options['dryRun'] === true;
    if (String(options['where']).trim() === '')
      throw cliErrors.OPTIONS({ problem: '--where must say which exposures' });
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      const update = async (dry: boolean): Promise<UpdateExposuresReport> => {
        const progress = new Progress('reading headers', out);
        const report = await updateExposures(butler, {
          instrument: args['instrument'] as string,
          where: options['where'],
          collections: options['collections'],
          failFast: options['failFast'] === true,
          jobs: options['jobs'],
          dryRun: dry,
          onProgress: (done, total) => progress.update(done, total),
        });
        progress.end();
        return report;
      };
      let report = await update(true);
      for (const { error } of report.failed) out.error(error, false);
      await sayChanges(out, report);
      if (!dryRun && report.changed > 0) {
        if (!(await confirmed(`Replace the records of ${report.changed} exposures?`, options, out))) return ExitCode.ok;
        report = await update(false);
        out.say(`Replaced the records of ${report.changed} exposures.`);
      }
      out.value({ ...report, dryRun });
      if (report.failed.length > 0) return ExitCode.partial;
      if (report.exposures > 0) return ExitCode.ok;
      out.warn('no raw matches');
      return ExitCode.nothing;
    });
  },
};

async function sayChanges(out: Output, { exposures, changed, changes }: UpdateExposuresReport): Promise<void> {
  if (out.json) return;
  const { timespanText } = await import('../timespan-text.ts');
  const text = (value: unknown): Cell => {
    if (value === null || value === undefined) return '';
    return typeof value === 'object' ? timespanText(value as Timespan) : (value as Cell);
  };
  if (changes.length > 0) {
    out.rows(
      ['exposure', 'field', 'now', 'new'],
      changes.slice(0, shown).map((change) => [change.exposure, change.field, text(change.old), text(change.new)]),
    );
    if (changes.length > shown) out.say(`… and ${changes.length - shown} more changes.`);
    const byField = Map.groupBy(changes, (change) => change.field);
    out.say(`By field: ${[...byField].map(([field, list]) => `${field} ${list.length}`).join(', ')}.`);
  }
  out.say(`${changed} of ${exposures} exposures change.`);
}
