// SPDX-License-Identifier: BSD-3-Clause
import type { CardValue } from '../../../fits/index.ts';
import type { Exposure, PhotoCalib, VisitInfo } from '../../../pixels/index.ts';

/*
 * What of an exposure goes into the cards of the primary header. Names of the visit's properties are those that Rubin-family
 * exposures use; times are TAI.
 */
type Plain = Record<string, string | number | boolean>;

const visitCards: [keyof VisitInfo, string][] = [
  ['exposureTimeSeconds', 'EXPTIME'],
  ['darkTimeSeconds', 'DARKTIME'],
  ['mjdTai', 'MJD-AVG'],
  ['boresightRaDeg', 'BORE-RA'],
  ['boresightDecDeg', 'BORE-DEC'],
  ['rotatorAngleDeg', 'BORE-ROTANG'],
  ['airmass', 'BORE-AIRMASS'],
];
const calibCards: [keyof PhotoCalib, string][] = [
  ['nanojanskyPerCount', 'NJYCOUNT'],
  ['nanojanskyPerCountErr', 'NJYCOUNTERR'],
];
const labelCards: ['instrument' | 'detector' | 'physicalFilter' | 'band', string][] = [
  ['instrument', 'INSTRUME'],
  ['detector', 'DETECTOR'],
  ['physicalFilter', 'FILTER'],
  ['band', 'BAND'],
];
const own = new Set([...visitCards, ...calibCards, ...labelCards].map(([, keyword]) => keyword));
/** Cards of the file's own making. */
const structural = /^(SIMPLE|BITPIX|NAXIS\d*|EXTEND|CHECKSUM|DATASUM|TIMESYS|COMMENT|HISTORY|END|)$/;

export function primaryCards(exposure: Partial<Exposure>): Record<string, CardValue | null> {
  const out: Record<string, CardValue | null> = {};
  for (const [keyword, value] of Object.entries(exposure.metadata ?? {})) {
    if (!own.has(keyword.toUpperCase()) && !structural.test(keyword.toUpperCase())) out[keyword] = value;
  }
  const put = (keyword: string, value: string | number | undefined): void => {
    if (value !== undefined && !Number.isNaN(value)) out[keyword] = value;
  };
  for (const [field, keyword] of labelCards) put(keyword, exposure[field]);
  for (const [field, keyword] of visitCards) put(keyword, exposure.visitInfo?.[field]);
  if (exposure.visitInfo !== undefined) put('TIMESYS', 'TAI');
  for (const [field, keyword] of calibCards) put(keyword, exposure.photoCalib?.[field]);
  return out;
}

export function visitInfoOf(cards: Plain): VisitInfo | undefined {
  const info = pick(cards, visitCards);
  return typeof info['exposureTimeSeconds'] === 'number' && typeof info['mjdTai'] === 'number'
    ? (info as unknown as VisitInfo)
    : undefined;
}

export function photoCalibOf(cards: Plain): PhotoCalib | undefined {
  const calib = pick(cards, calibCards);
  if (typeof calib['nanojanskyPerCount'] !== 'number') return undefined;
  const error = calib['nanojanskyPerCountErr'] as number | undefined;
  return { nanojanskyPerCount: calib['nanojanskyPerCount'], nanojanskyPerCountErr: error ?? Number.NaN };
}

export function labelsOf(cards: Plain): Pick<Exposure, 'instrument' | 'detector' | 'physicalFilter' | 'band'> {
  return pick(cards, labelCards);
}

export function metadataOf(
  cards: readonly { keyword: string; value: CardValue; isCommentary: boolean }[],
): Exposure['metadata'] {
  const out: Exposure['metadata'] = {};
  for (const { keyword, value, isCommentary } of cards) {
    if (isCommentary || own.has(keyword) || structural.test(keyword) || keyword in out) continue;
    if (typeof value === 'bigint') out[keyword] = value.toString();
    else if (value === undefined) out[keyword] = null;
    else if (typeof value !== 'object') out[keyword] = value;
  }
  return out;
}

function pick<K extends string>(cards: Plain, names: readonly [K, string][]): Record<K, never> {
  const out: Record<string, unknown> = {};
  for (const [field, keyword] of names) if (cards[keyword] !== undefined) out[field] = cards[keyword];
  return out as Record<K, never>;
}
