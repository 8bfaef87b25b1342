// SPDX-License-Identifier: BSD-3-Clause
import { rename, rm } from 'node:fs/promises';
import { type HduToWrite, writeFitsFile } from '../fits/index.ts';
import type { Table } from '../pixels/index.ts';
import { isoFromTaiNs } from '../sky/index.ts';
import type { RawCounts } from './expose.ts';
import { Optics } from './optics.ts';
import type { SurveyOptions } from './options.ts';
import type { PlannedExposure } from './plan.ts';

/** Writes one detector's raw frame: a primary header with the observation, an image HDU for each amplifier. */
export async function writeRaw(
  path: string,
  options: SurveyOptions,
  exposure: PlannedExposure,
  detector: number,
  counts: readonly RawCounts[],
): Promise<void> {
  const amplifiers = counts.map(
    (raw): HduToWrite => ({
      kind: 'image',
      name: `AMP_${raw.amplifier.name}`,
      data: raw.data,
      shape: [raw.width, raw.height],
      header: { GAIN: raw.amplifier.gain, RDNOISE: raw.amplifier.readNoise },
    }),
  );
  await writeWhole(path, [{ kind: 'image', header: observationCards(options, exposure, detector) }, ...amplifiers]);
}

function observationCards(
  options: SurveyOptions,
  exposure: PlannedExposure,
  detector: number,
): Record<string, string | number> {
  const seconds = exposure.exposureTimeSeconds;
  const time = (ms: number) => isoFromTaiNs(BigInt(Math.round(ms)) * 1_000_000n, 'tai', 3);
  const cards: Record<string, string | number> = {
    INSTRUME: options.instrument,
    TELESCOP: 'Simulated',
    DETECTOR: detector,
    EXPID: exposure.id,
    OBSID: `s${exposure.dayObs}_${String(exposure.seqNum).padStart(5, '0')}`,
    GROUPID: `s${exposure.dayObs}_${String(exposure.seqNum).padStart(5, '0')}`,
    IMGTYPE: exposure.type,
    FILTER: `sim_${exposure.band}`,
    DAYOBS: exposure.dayObs,
    SEQNUM: exposure.seqNum,
    EXPTIME: seconds,
    DARKTIME: seconds,
    TIMESYS: 'TAI',
    'DATE-BEG': time(exposure.beginTaiMs),
    'DATE-END': time(exposure.beginTaiMs + seconds * 1000),
    OBJECT: exposure.type === 'science' ? 'field' : exposure.type,
    PROGRAM: 'simulation',
  };
  if (exposure.type === 'science') {
    cards['RA'] = exposure.headerRaDeg;
    cards['DEC'] = exposure.headerDecDeg;
    cards['ROTANG'] = exposure.rotationDeg;
    Object.assign(cards, Object.fromEntries(new Optics(options, exposure, detector).headerCards()));
  }
  return cards;
}

/** Writes a catalogue as a FITS binary table. */
export async function writeTable(path: string, table: Table, name: string): Promise<void> {
  const columns = Object.entries(table.columns).map(([column, data]) => ({
    name: column,
    data: data as Float64Array,
    unit: table.units?.[column],
  }));
  await writeWhole(path, [{ kind: 'table', name, columns }]);
}

/** The file appears whole or not at all. No sync: a simulation that is lost is made again. */
async function writeWhole(path: string, hdus: readonly HduToWrite[]): Promise<void> {
  // One name for the unfinished file, so that what a killed process left is written over.
  const partial = `${path}.part`;
  await rm(partial, { force: true });
  await writeFitsFile(partial, hdus, { sync: false });
  await rename(partial, path);
}
