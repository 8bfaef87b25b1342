// SPDX-License-Identifier: BSD-3-Clause
import { join } from 'node:path';

/** One command of the demonstration, as words after `skymill`, and what it is for. */
export interface DemoStep {
  purpose: string;
  words: readonly string[];
}

const instrument = 'SimCam';
const night = "instrument = 'SimCam'";

/** The commands that take a simulated survey from raw frames to a report. */
export function demoScript(folder: string, tiny: boolean, pipelines: string): DemoStep[] {
  const survey = join(folder, 'survey');
  const repo = join(folder, 'repo');
  const bands = tiny ? ['r'] : ['g', 'r', 'i'];
  const size = tiny
    ? [
        '--detectors',
        '1x1',
        '--size',
        '256x256',
        '--bands',
        'r',
        '--visits',
        '3',
        '--biases',
        '3',
        '--darks',
        '2',
        '--flats',
        '2',
      ]
    : [];
  // The tract covers the dithered camera with a margin.
  const radiusDeg = tiny ? 0.017 : 0.048;
  const calibration = (kind: 'bias' | 'dark' | 'flat'): DemoStep[] => [
    {
      purpose: `combine the ${kind} frames`,
      words: [
        'run',
        join(pipelines, `cp-${kind}.yaml`),
        '--repo',
        repo,
        '--input',
        `${instrument}/raw/all,${instrument}/calib`,
        '--output',
        `${instrument}/calib/gen/${kind}`,
        '--where',
        `${night} AND exposure.observation_type = '${kind}'`,
      ],
    },
    {
      purpose: `let the ${kind} be found by date`,
      words: [
        'certify-calibrations',
        repo,
        `${instrument}/calib/gen/${kind}`,
        `${instrument}/calib`,
        kind,
        '--begin-date',
        '2026-01-01',
        '--end-date',
        '2026-02-01',
      ],
    },
  ];
  return [
    { purpose: 'point a simulated telescope at the sky for two nights', words: ['simulate', survey, ...size] },
    { purpose: 'make a repository', words: ['create', repo] },
    {
      purpose: 'describe the camera to it',
      words: ['register-instrument', repo, join(survey, 'instrument.yaml')],
    },
    { purpose: 'bring the raw frames in', words: ['ingest-raws', repo, join(survey, 'raw'), '-t', 'link'] },
    { purpose: 'group exposures into visits', words: ['define-visits', repo, instrument] },
    { purpose: "the camera's own calibrations", words: ['write-curated-calibrations', repo, instrument] },
    ...calibration('bias'),
    ...calibration('dark'),
    ...calibration('flat'),
    {
      purpose: 'bring a reference catalogue in',
      words: [
        'ingest-refcat',
        repo,
        'sim_stars',
        join(survey, 'reference.fits'),
        '--id',
        'id',
        ...bands.flatMap((band) => ['--mag', `${band}=${band}`, '--mag-err', `${band}=${band}_err`]),
      ],
    },
    {
      purpose: 'cut the sky into tracts and patches',
      words: [
        'register-skymap',
        repo,
        ...[
          'name=demo',
          'type=discrete',
          'raList=[150.1]',
          'decList=[2.2]',
          `radiusList=[${radiusDeg}]`,
          'pixelScale=0.3',
          `patchInnerDimensions=${tiny ? '[300, 300]' : '[420, 420]'}`,
          'patchBorder=40',
        ].flatMap((text) => ['-c', text]),
      ],
    },
    {
      purpose: 'the production: calibrated images, coadds, catalogues',
      words: [
        'run',
        join(pipelines, 'drp.yaml'),
        '--repo',
        repo,
        '--input',
        `${instrument}/raw/all,${instrument}/calib,refcats,skymaps`,
        '--output',
        'u/demo/drp',
        '--where',
        `${night} AND exposure.observation_type = 'science' AND skymap = 'demo'`,
        '-c',
        'calibrate:connections.refCat=sim_stars',
      ],
    },
    {
      purpose: 'what came of it, against the truth',
      words: [
        'report',
        repo,
        'u/demo/drp',
        '--truth',
        join(survey, 'truth.fits'),
        '--html',
        join(folder, 'report.html'),
      ],
    },
  ];
}
