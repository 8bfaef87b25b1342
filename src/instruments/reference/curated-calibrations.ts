// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef, DatasetType } from '../../butler/index.ts';
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
  { collection, label = [] }: { collection?: string; label?: readonly string[] } = {},
): Promise<CuratedReport> {
  const instrument = await openInstrument(butler.root, name);
  const target = collection ?? [instrument.name, 'calib', ...label].join('/');
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
  const there = await collected(butler, [camera, defects], run);
  const certified = await certifiedIds(butler, [camera, defects], target);
  const refs: DatasetRef[] = [];
  for (const { type, dataId, object } of wanted) {
    const found = there.get(`${type.name} ${butler.universe.coordinate(type.dimensions, dataId).key}`);
    if (found === undefined) refs.push((await butler.put(object, type, dataId, run)).ref);
    // What an earlier, interrupted call wrote may not be certified yet.
    else if (!certified.has(found.id)) refs.push(found);
    if (found === undefined) report.written++;
    else report.present++;
  }
  if (refs.length > 0) await butler.certify(target, refs, { beginNs: undefined, endNs: undefined });
  return report;
}

/** Datasets of a run by type and data ID. */
async function collected(
  butler: ButlerApi,
  types: readonly DatasetType[],
  run: string,
): Promise<Map<string, DatasetRef>> {
  const found = new Map<string, DatasetRef>();
  for (const { name } of types) {
    for await (const ref of butler.query().datasets(name, { collections: [run] }))
      found.set(`${name} ${ref.dataId.key}`, ref);
  }
  return found;
}

async function certifiedIds(
  butler: ButlerApi,
  types: readonly DatasetType[],
  collection: string,
): Promise<Set<string>> {
  const ids = new Set<string>();
  for (const { name } of types) {
    for await (const { ref } of butler.associations(name, { collections: [collection] })) ids.add(ref.id);
  }
  return ids;
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
