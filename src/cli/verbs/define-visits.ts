// SPDX-License-Identifier: BSD-3-Clause
import { collectionsOption, dryRunOption, realNumber, whereOption } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const defineVisits: Verb = {
  name: 'define-visits',
  group: 'Ingest',
  summary: 'group exposures into visits and give them regions on the sky',
  arguments: [
    ['<repo>', 'repository'],
    ['<instrument>', 'registered instrument'],
  ],
  options: [
    { ...collectionsOption, description: 'where the raws are (default: <instrument>/raw/all)' },
    whereOption,
    { flags: '--padding <px>', description: 'pixels added around each detector', default: 20, parse: realNumber },
    {
      flags: '--incremental',
      description: 'exposures come bit by bit: those before count too, and visits of several may grow',
    },
    { flags: '--prefilter', description: 'leave exposures alone that belong to visits already' },
    { flags: '--update-records', description: 'replace visits that are defined already' },
    dryRunOption,
  ],
  examples: [
    ['define-visits repo SimCam', 'all exposures that see the sky'],
    ['define-visits repo HSC --where "exposure.day_obs = 20240513"', 'one night'],
  ],
  exitCodes: { 4: 'no exposure matched' },
  async action({ args, options, out }) {
    const { defineVisits: define } = await import('../../instruments/index.ts');
    return withButler(args['repo'] as string, { writeable: options['dryRun'] !== true }, async (butler) => {
      const progress = new Progress('computing regions', out);
      const report = await define(butler, {
        instrument: args['instrument'] as string,
        collections: options['collections'],
        where: options['where'],
        paddingPx: options['padding'],
        onConflict: options['updateRecords'] === true ? 'replace' : 'skip',
        incremental: options['incremental'] === true,
        prefilter: options['prefilter'] === true,
        dryRun: options['dryRun'] === true,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      const verb = options['dryRun'] === true ? 'Would define' : 'Defined';
      out.say(
        `${verb} ${report.visits - report.present} visits (${report.present} there already) of ${report.exposures} exposures; ${report.skipped.length} exposures are no visits.`,
      );
      for (const { exposures, firstSeqNum } of report.waiting) {
        out.warn(
          `exposures ${exposures.join(', ')} make a visit once the first of their sequence (${firstSeqNum}) is there`,
        );
      }
      if (report.filtered > 0) out.say(`${report.filtered} exposures belong to visits already.`);
      out.value(report);
      if (report.exposures + report.skipped.length + report.filtered > 0) return ExitCode.ok;
      out.warn(`no exposure of ${args['instrument']} ${options['where'] === undefined ? 'is there' : 'matches'}`);
      return ExitCode.nothing;
    });
  },
};
