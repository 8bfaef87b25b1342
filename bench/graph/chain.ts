// SPDX-License-Identifier: BSD-3-Clause
import { Butler } from '../../src/butler/index.ts';
import { DETECTORS, fillSurvey } from '../butler/survey.ts';
import type { Figure } from '../figure.ts';
import { register } from './release-repository.ts';
import { buildOnce } from './run-built.ts';

const EXPOSURES = 200;

/** Five tasks on {exposure, detector} and one on {exposure} over 200 exposures of 100 detectors: the shape that the peer was measured on. */
export async function* chainFigures(root: string): AsyncGenerator<Figure> {
  await chainRepository(root, EXPOSURES);
  const built = await buildOnce(root, 'chain', chainOptions, 5 * EXPOSURES * DETECTORS + EXPOSURES);
  const { buildSeconds } = built;
  yield {
    figure: `graph build over SQLite, ${built.quanta} quanta`,
    value: buildSeconds,
    unit: 's',
    peer: '72 to 82',
    goal: '<= 0.8',
    ok: buildSeconds <= 0.8,
  };
  yield { figure: '  of processor time', value: built.buildCpuSeconds, unit: 's' };
  yield { figure: '  statements for it', value: built.statements, unit: 'statements' };
  const added = (built.peakBytes - built.beforeBytes) / 1e6;
  yield { figure: '  memory added', value: added, unit: 'MB', peer: '1650', goal: '<= 165', ok: added <= 165 };
  const perQuantum = built.sizeBytes / built.quanta;
  yield { figure: '  its file', value: perQuantum, unit: 'B/quantum', peer: 245, goal: '<= 40', ok: perQuantum <= 40 };
  yield { figure: '  writing it', value: built.writeSeconds, unit: 's', peer: 4.1 };
  yield { figure: '  opening it', value: built.openSeconds, unit: 's', goal: '<= 0.05', ok: built.openSeconds <= 0.05 };
  const read = built.openSeconds + built.edgesSeconds;
  yield { figure: '  opening it and turning its edges both ways', value: read, unit: 's', peer: '11 to 24' };
}

export const chainOptions = { inputs: ['raw'], outputRun: 'run', dataId: { instrument: 'Cam' } };

export async function chainRepository(root: string, exposures: number): Promise<void> {
  const butler = await Butler.create(root);
  await fillSurvey(butler, exposures);
  const raws = Array.from({ length: exposures * DETECTORS }, (_, i) => {
    return { instrument: 'Cam', exposure: 1 + Math.floor(i / DETECTORS), detector: i % DETECTORS };
  });
  await register(butler, 'raw', ['exposure', 'detector'], 'raw', raws);
  await butler.close();
}
