// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef } from '../../butler/index.ts';
import type { Table } from '../../pixels/index.ts';
import type { Box, Detector, Instrument } from '../model.ts';
import { openInstrument } from '../registered.ts';

export interface CuratedReport {
  collection: string;
  written: number;
  present: number;
}

/**
 * Writes what the instrument's definition itself says, as calibration datasets valid for all time: `camera` ({instrument}: detectors and
 * amplifiers) and `defects` ({instrument, detector}: table `x0, y0, width, height` of bad pixels, 0-based, assembled coordinates).
 */
export async function writeCuratedCalibrations(
  butler: ButlerApi,
  name: string,
  collection?: string,
): Promise<CuratedReport> {
  const instrument = await openInstrument(butler.root, name);
  const target = collection ?? `${instrument.name}/calib`;
  const run = `${target}/curated`;
  const camera = butler.makeDatasetType('camera', ['instrument'], 'StructuredDataDict', { isCalibration: true });
  const defects = butler.makeDatasetType('defects', ['instrument', 'detector'], 'ArrowAstropy', {
    isCalibration: true,
  });
  await butler.registerDatasetTypes([camera, defects]);
  await butler.registerCollection(run, 'RUN', `curated calibrations of ${instrument.name}`);
  await butler.registerCollection(target, 'CALIBRATION');
  const report: CuratedReport = { collection: target, written: 0, present: 0 };
  const wanted = [
    { type: camera, dataId: { instrument: instrument.name }, object: cameraPlain(instrument) },
    ...instrument.detectors.map((d) => ({
      type: defects,
      dataId: { instrument: instrument.name, detector: d.id },
      object: defectTable(d),
    })),
  ];
  const made: DatasetRef[] = [];
  for (const { type, dataId, object } of wanted) {
    if ((await butler.findDataset(type, dataId, { collections: [run] })) !== undefined) report.present++;
    else made.push((await butler.put(object, type, dataId, run)).ref);
  }
  if (made.length > 0) await butler.certify(target, made, { beginNs: undefined, endNs: undefined });
  report.written = made.length;
  return report;
}

function cameraPlain(instrument: Instrument): Record<string, unknown> {
  return {
    name: instrument.name,
    plateScaleArcsecPerMm: instrument.plateScaleArcsecPerMm,
    detectors: instrument.detectors,
  };
}

function defectTable(detector: Detector): Table {
  const column = (value: (box: Box) => number) => Int32Array.from(detector.defects, value);
  return {
    rows: detector.defects.length,
    columns: {
      x0: column((b) => b.x0),
      y0: column((b) => b.y0),
      width: column((b) => b.x1 - b.x0),
      height: column((b) => b.y1 - b.y0),
    },
  };
}
