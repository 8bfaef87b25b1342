// SPDX-License-Identifier: BSD-3-Clause
import { dryRunOption } from '../common-options.ts';
import { parseAssignment } from '../errors.ts';
import { Progress } from '../progress.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

const bandColumn = (text: string): [string, string] => parseAssignment(text, 'BAND=COLUMN');

export const ingestRefcat: Verb = {
  name: 'ingest-refcat',
  group: 'Ingest',
  summary: 'bring in a reference catalogue (FITS table or CSV), cut into HTM shards',
  arguments: [
    ['<repo>', 'repository'],
    ['<name>', 'dataset type of the catalogue, e.g. gaia_dr3'],
    ['<file>', 'FITS table or CSV with a header line'],
  ],
  options: [
    { flags: '--ra <column>', description: 'right ascension, ICRS degrees', default: 'ra' },
    { flags: '--dec <column>', description: 'declination, ICRS degrees', default: 'dec' },
    { flags: '--id <column>', description: 'identifier (default: row number)' },
    {
      flags: '--mag <band=column>',
      description: 'AB magnitudes of a band; repeat',
      list: true,
      parse: bandColumn,
      required: true,
    },
    { flags: '--mag-err <band=column>', description: 'their errors; repeat', list: true, parse: bandColumn },
    dryRunOption,
  ],
  examples: [
    [
      'ingest-refcat repo sdss_stars stars.fits --id id --mag g=g --mag r=r --mag-err g=g_err --mag-err r=r_err',
      'magnitudes in two bands with errors',
    ],
  ],
  async action({ args, options, out }) {
    const { ingestRefcat: ingest } = await import('../../instruments/index.ts');
    return withButler(args['repo'] as string, { writeable: options['dryRun'] !== true }, async (butler) => {
      const progress = new Progress('shards', out);
      const report = await ingest(butler, args['file'] as string, {
        name: args['name'] as string,
        raColumn: options['ra'],
        decColumn: options['dec'],
        idColumn: options['id'],
        magnitudes: Object.fromEntries(options['mag']),
        magnitudeErrors: Object.fromEntries(options['magErr'] ?? []),
        dryRun: options['dryRun'] === true,
        onProgress: (done, total) => progress.update(done, total),
      });
      progress.end();
      out.say(
        `${options['dryRun'] === true ? 'Would ingest' : 'Ingested'} ${report.rows} stars in ${report.shards} shards as ${args['name']} in ${report.run}; ${report.dropped} rows had no position.`,
      );
      out.value(report);
      return 0;
    });
  },
};
