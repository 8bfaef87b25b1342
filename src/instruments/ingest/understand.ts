// SPDX-License-Identifier: BSD-3-Clause
import { stat } from 'node:fs/promises';
import type { Cards } from '../../sky/index.ts';
import { instrumentErrors } from '../errors.ts';
import { readHeaders } from '../headers/read-headers.ts';
import type { Instrument, ObservationInfo } from '../model.ts';
import { wcsHeaders } from '../raw/initial-wcs.ts';
import type { Pointing } from './pointing-index.ts';
import type { BesideRaws } from './sidecar.ts';

/** A raw file as far as ingest knows it. */
export interface Understood {
  path: string;
  instrument: Instrument;
  info: ObservationInfo;
  /** First WCS of each detector in the file, while its headers are at hand. */
  pointings: Pointing[];
  sizeBytes?: number | undefined;
}

/** What a raw file is, by the index of its folder, its sidecar, or its own headers. */
export async function understand(
  path: string,
  instruments: readonly Instrument[],
  beside: BesideRaws,
): Promise<Understood> {
  const said = await beside.find(path);
  if (said === undefined) {
    const { headers, sizeBytes } = await readHeaders(path);
    const found = recognise(headers, path, instruments);
    assertComplete(headers, path, found.instrument, found.info);
    return { ...found, sizeBytes };
  }
  const sizeBytes = (await stat(path)).size;
  if (said.kind === 'metadata') return { ...recognise(said.headers, path, instruments), sizeBytes };
  const { info } = said;
  const instrument = instruments.find((i) => i.name === info.instrument);
  if (instrument === undefined) throw notRecognised(path, `instrument = ${info.instrument}`, instruments);
  if (!instrument.filters.some((f) => f.physicalFilter === info.physicalFilter)) {
    throw instrumentErrors.BAD_VALUE({
      file: path,
      property: 'physicalFilter',
      value: info.physicalFilter,
      problem: `${instrument.name} has the filters ${instrument.filters.map((f) => f.physicalFilter).join(', ')}`,
    });
  }
  return { path, instrument, info, pointings: pointingsOf([], instrument, info), sizeBytes };
}

/** The files that were understood and say the same of their exposures as the files before them. */
export function agreeing(
  looks: readonly (Understood | { path: string; failure: unknown })[],
  refuse: (path: string, error: unknown) => void,
): Understood[] {
  const firsts = new Map<string, Understood>();
  return looks.filter((look): look is Understood => {
    if ('failure' in look) {
      refuse(look.path, look.failure);
      return false;
    }
    const { info } = look;
    const key = `${info.instrument} ${info.exposureId}`;
    const first = firsts.get(key);
    if (first === undefined) firsts.set(key, look);
    const field = first === undefined ? undefined : differingField(first.info, info);
    if (first === undefined || field === undefined) return true;
    const error = instrumentErrors.EXPOSURE_DIFFERS({
      file: look.path,
      exposure: String(info.exposureId),
      field,
      own: String(info[field]),
      other: String(first.info[field]),
      otherFile: first.path,
    });
    refuse(look.path, error);
    return false;
  });
}

/** What two files of one exposure say otherwise of it. */
function differingField(a: ObservationInfo, b: ObservationInfo): keyof ObservationInfo | undefined {
  return (Object.keys(a) as (keyof ObservationInfo)[]).find((name) => name !== 'detectors' && a[name] !== b[name]);
}

function notRecognised(file: string, clue: string, instruments: readonly Instrument[]): Error {
  return instrumentErrors.NOT_RECOGNISED({ file, clue, known: instruments.map((i) => i.name).join(', ') || 'none' });
}

function recognise(headers: readonly Cards[], path: string, instruments: readonly Instrument[]): Understood {
  const instrument = instruments.find((i) => i.recognises(headers));
  if (instrument === undefined) {
    const clue = ['INSTRUME', 'TELESCOP', 'ORIGIN', 'CAMERA']
      .map((key) => [key, headers.find((h) => h[key] !== undefined)?.[key]])
      .filter(([, value]) => value !== undefined)
      .map(([key, value]) => `${key} = ${String(value).trim()}`)
      .join(', ');
    throw notRecognised(path, clue || 'no INSTRUME, TELESCOP or ORIGIN card', instruments);
  }
  const info = instrument.translate(headers, path);
  return { path, instrument, info, pointings: pointingsOf(headers, instrument, info) };
}

function pointingsOf(headers: readonly Cards[], instrument: Instrument, info: ObservationInfo): Pointing[] {
  return info.detectors.flatMap((id) => {
    const detector = instrument.detector(id);
    const wcs = instrument.initialWcs(wcsHeaders(headers, detector), info, detector);
    return wcs === undefined ? [] : [{ exposure: info.exposureId, detector: id, wcs: wcs.toCards() }];
  });
}

/** A file that was cut between two HDUs reads well up to there: whatever its detectors need must be in it. */
function assertComplete(headers: readonly Cards[], path: string, instrument: Instrument, info: ObservationInfo): void {
  const names = new Set(
    headers.map((h) =>
      String(h['EXTNAME'] ?? '')
        .trim()
        .toUpperCase(),
    ),
  );
  for (const id of info.detectors) {
    const detector = instrument.detector(id);
    for (const { hdu } of detector.amplifiers) {
      if (typeof hdu === 'number' ? hdu < headers.length : names.has(hdu.trim().toUpperCase())) continue;
      throw instrumentErrors.MISSING_HDU(
        { file: path, hdu: String(hdu), detector: detector.name, have: headers.length },
        { place: { file: path } },
      );
    }
  }
}
