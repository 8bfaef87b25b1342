// SPDX-License-Identifier: BSD-3-Clause
import type { UpdateRegionsReport } from '../../instruments/index.ts';
import { countingNumber, dryRunOption, realNumber, whereOption } from '../common-options.ts';
import { confirmed, noConfirmOption } from '../confirm.ts';
import { cliErrors } from '../errors.ts';
import { Progress } from '../progress.ts';
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const updateDimensionRegions: Verb = {
  name: 'update-dimension-regions',
  group: 'Ingest',
  summary: 'compute the sky regions of visits and their detectors anew',
  details:
    'From datasets of fitted visit geometry in the collections given; with --from-raws from the headers of raw files and the geometry of the camera, after either was corrected. Says how much changes, and asks.',
  arguments: [
    ['<repo>', 'repository'],
    ['<instrument>', 'registered instrument'],
    ['[collections...]', 'where the geometry datasets are (with --from-raws the raws; default <instrument>/raw/all)'],
  ],
  options: [
    { flags: '--from-raws', description: 'from raw files rather than datasets' },
    { flags: '--dataset-type <type>', description: 'type of the geometry datasets', default: 'visit_geometry' },
    { flags: '--batch-size <n>', description: 'visits in one transaction', default: 100, parse: countingNumber },
    {
      flags: '--padding <px>',
      description: 'with --from-raws: pixels around each detector',
      default: 20,
      parse: realNumber,
    },
    whereOption,
    noConfirmOption,
    dryRunOption,
  ],
  examples: [
    ['update-dimension-regions repo HSC u/me/geometry', 'from fitted geometry'],
    [
      'update-dimension-regions repo HSC --from-raws --where "visit.day_obs = 20240513" --dry-run',
      'what a new camera model changes',
    ],
  ],
  exitCodes: { 3: 'some visits have no geometry', 4: 'no visit matched' },
  async action({ args, options, out }) {
    const { updateRegions } = await import('../../instruments/index.ts');
    const dryRun = options['dryRun'] === true;
    const fromRaws = options['fromRaws'] === true;
    const collections = ((args['collections'] as string[] | undefined) ?? []).flatMap(splitList);
    if (!fromRaws && collections.length === 0) {
      throw cliErrors.OPTIONS({ problem: 'give the collections of the geometry datasets, or --from-raws' });
    }
    return withButler(args['repo'] as string, { writeable: !dryRun }, async (butler) => {
      for (const name of collections) await butler.getCollection(name);
      const update = async (dry: boolean): Promise<UpdateRegionsReport> => {
        const progress = new Progress('computing regions', out);
        const report = await updateRegions(butler, {
          instrument: args['instrument'] as string,
          source: fromRaws ? 'raws' : 'datasets',
          collections: collections.length === 0 ? undefined : collections,
          datasetType: options['datasetType'],
          batchSize: options['batchSize'],
          paddingPx: options['padding'],
          where: options['where'],
          dryRun: dry,
          onProgress: (done, total) => progress.update(done, total),
        });
        progress.end();
        return report;
      };
      let report = await update(true);
      const { visits, changedVisits, changedDetectors, changedExposures, largestShiftArcsec, skipped } = report;
      const changed = changedVisits + changedDetectors + changedExposures;
      for (const { visit, reason } of skipped.slice(0, 20)) out.warn(`visit ${visit} stays as it is: ${reason}`);
      if (skipped.length > 20) out.warn(`${skipped.length - 20} more visits stay as they are`);
      out.say(
        `Of ${visits} visits, ${changedVisits} get another region (moved by up to ${largestShiftArcsec.toPrecision(3)} arcsec), with ${changedDetectors} detector regions and ${changedExposures} exposure pointings.`,
      );
      if (!dryRun && changed > 0) {
        if (!(await confirmed('Replace these records?', options, out))) return ExitCode.ok;
        report = await update(false);
        out.say('Replaced.');
      }
      out.value({ ...report, dryRun });
      if (visits + skipped.length === 0) {
        out.warn('no visit matches');
        return ExitCode.nothing;
      }
      return skipped.length > 0 ? ExitCode.partial : ExitCode.ok;
    });
  },
};
