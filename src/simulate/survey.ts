// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { cameraDefinition, detectorCount } from './camera.ts';
import { simulateErrors } from './errors.ts';
import { exposeDetector } from './expose.ts';
import { type SurveyOptions, surveyOptionsSchema } from './options.ts';
import { type PlannedExposure, planSurvey } from './plan.ts';
import { makeSky, referenceTable, truthTable } from './sky-truth.ts';
import { writeRaw, writeTable } from './write-raw.ts';

export interface SurveyReport {
  folder: string;
  /** Instrument YAML to register. */
  instrumentFile: string;
  rawFolder: string;
  truthFile: string;
  referenceFile: string;
  files: number;
  exposures: PlannedExposure[];
  options: SurveyOptions;
}

export interface SimulateHooks {
  clobber?: boolean;
  onProgress?: (done: number, total: number) => void;
}

/** Options from plain values, with defaults; an unknown or impossible one is named. */
export function surveyOptions(plain: unknown): SurveyOptions {
  const parsed = surveyOptionsSchema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw simulateErrors.BAD_OPTION({ option: issue.path.join('.') || '(all)', problem: issue.message });
}

/**
 * Simulates a raw survey with its truth into a folder: `raw/*.fits`, `instrument.yaml`, `truth.fits` (every source),
 * `reference.fits` (what a reference catalogue would know) and `survey.json` (options and exposures), which is written last:
 * where it is, the survey is whole. The same options give the same bytes; a whole survey of the same options is left as it is.
 */
export async function simulateSurvey(folder: string, plain: unknown, hooks: SimulateHooks = {}): Promise<SurveyReport> {
  const options = surveyOptions(plain);
  const exposures = planSurvey(options);
  const detectors = detectorCount(options);
  const report: SurveyReport = {
    folder,
    instrumentFile: join(folder, 'instrument.yaml'),
    rawFolder: join(folder, 'raw'),
    truthFile: join(folder, 'truth.fits'),
    referenceFile: join(folder, 'reference.fits'),
    files: exposures.length * detectors,
    exposures,
    options,
  };
  const manifest = join(folder, 'survey.json');
  if (existsSync(manifest)) {
    const there: unknown = JSON.parse(await readFile(manifest, 'utf8')).options;
    if (JSON.stringify(there) === JSON.stringify(options)) return report;
    if (!hooks.clobber) throw simulateErrors.NOT_EMPTY({ folder });
  }
  await rm(manifest, { force: true });
  await rm(report.rawFolder, { recursive: true, force: true });
  await mkdir(report.rawFolder, { recursive: true });
  await writeFile(report.instrumentFile, stringify(cameraDefinition(options)));
  const truth = makeSky(options);
  await writeTable(report.truthFile, truthTable(truth), 'TRUTH');
  await writeTable(report.referenceFile, referenceTable(truth, options), 'REFERENCE');
  let done = 0;
  for (const exposure of exposures) {
    for (let detector = 0; detector < detectors; detector++) {
      const counts = exposeDetector(options, truth, exposure, detector);
      await writeRaw(join(report.rawFolder, rawName(options, exposure, detector)), options, exposure, detector, counts);
      hooks.onProgress?.(++done, report.files);
    }
  }
  await writeFile(`${manifest}.part`, `${JSON.stringify({ options, exposures }, null, 2)}\n`);
  await rename(`${manifest}.part`, manifest);
  return report;
}

function rawName(options: SurveyOptions, exposure: PlannedExposure, detector: number): string {
  return `${options.instrument.toLowerCase()}_${exposure.id}_${String(detector).padStart(3, '0')}.fits`;
}
