// SPDX-License-Identifier: BSD-3-Clause
import { realNumber, wholeNumber } from '../common-options.ts';
import { Progress } from '../progress.ts';
import { type OptionSpec, splitList, type Verb } from '../verb.ts';

const number = (flags: string, description: string): OptionSpec => ({ flags, description, parse: realNumber });
const count = (flags: string, description: string): OptionSpec => ({ flags, description, parse: wholeNumber });

export const simulate: Verb = {
  name: 'simulate',
  group: 'Start here',
  summary: 'simulate a small raw survey with its truth',
  details:
    'Writes raw/, instrument.yaml, truth.fits, reference.fits and survey.json. The same options give the same bytes. A camera of --detectors 10x10 --size 64x64 rehearses a large campaign at little cost.',
  arguments: [['<folder>', 'where to write']],
  options: [
    count('--seed <n>', 'random seed'),
    { flags: '--detectors <CxR>', description: 'columns x rows of detectors, e.g. 2x2', parse: pair },
    { flags: '--size <WxH>', description: 'detector size in pixels, e.g. 512x512', parse: pair },
    { flags: '--bands <list>', description: 'bands, e.g. g,r,i', parse: splitList },
    count('--visits <n>', 'visits in each band'),
    count('--nights <n>', 'nights they are spread over'),
    count('--biases <n>', 'bias frames'),
    count('--darks <n>', 'dark frames'),
    count('--flats <n>', 'flats in each band'),
    number('--ra <deg>', 'field centre'),
    number('--dec <deg>', 'field centre'),
    number('--stars <n>', 'stars per square arcminute'),
    number('--galaxies <n>', 'galaxies per square arcminute'),
    number('--exposure-time <seconds>', 'of each visit'),
    { flags: '--instrument <name>', description: 'name of the camera' },
    { flags: '--clobber', description: 'replace another survey in that folder' },
  ],
  examples: [
    ['simulate survey', 'four detectors, three bands, two nights'],
    [
      'simulate tiny --detectors 1x1 --size 64x64 --bands r --visits 2 --biases 2 --darks 0 --flats 0',
      'a few seconds of work',
    ],
  ],
  async action({ args, options, out }) {
    const { simulateSurvey } = await import('../../simulate/index.ts');
    const detectors: [number, number] | undefined = options['detectors'];
    const size: [number, number] | undefined = options['size'];
    const plain = withoutUndefined({
      seed: options['seed'],
      instrument: options['instrument'],
      detectorColumns: detectors?.[0],
      detectorRows: detectors?.[1],
      width: size?.[0],
      height: size?.[1],
      bands: options['bands'],
      visitsPerBand: options['visits'],
      nights: options['nights'],
      biases: options['biases'],
      darks: options['darks'],
      flatsPerBand: options['flats'],
      raDeg: options['ra'],
      decDeg: options['dec'],
      starsPerSquareArcmin: options['stars'],
      galaxiesPerSquareArcmin: options['galaxies'],
      exposureTimeSeconds: options['exposureTime'],
    });
    const progress = new Progress('exposing', out);
    const report = await simulateSurvey(args['folder'] as string, plain, {
      clobber: options['clobber'] === true,
      onProgress: (done, total) => progress.update(done, total),
    });
    progress.end();
    out.say(`Wrote ${report.files} raw files of ${report.exposures.length} exposures to ${report.rawFolder}.`);
    out.say(`Camera: ${report.instrumentFile}; truth: ${report.truthFile}; reference stars: ${report.referenceFile}.`);
    out.value({ ...report, exposures: report.exposures.length });
    return 0;
  },
};

/** `2x3` as two whole numbers; `2` is `2x2`. */
function pair(text: string): [number, number] {
  const [a, b, ...rest] = text.split('x').map(wholeNumber);
  if (rest.length > 0) throw new Error(`"${text}" is not of the form 2x3`);
  return [a, b ?? a];
}

function withoutUndefined(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
}
