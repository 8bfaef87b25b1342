// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../butler/index.ts';
import { UnprocessableData } from '../pipeline/index.ts';

/** Objects per catalogue: the low bits of an id. */
const OBJECT_BITS = 23n;
/** Detector or patch. */
const PART_BITS = 12n;
/** Visit or tract. */
const WHOLE_BITS = 27n;
/** Detectors beside a packed day and sequence number, which need 31 bits. */
const PART_BITS_OF_DAYS = 8n;
/** Detectors beside a long visit number of 33 bits. */
const PART_BITS_OF_LONG = 6n;
const LONG_BITS = 33n;
/** Sets long and dated numbers apart from short ones of the same instrument. */
const TAG = 1n << (WHOLE_BITS + PART_BITS);

/**
 * First object id of a catalogue, unique over a survey and positive: the data ID packed above 23 bits of object number; objects count
 * from 1. Three ways, by the size of the visit (or tract) number, the last two under a tag bit:
 *
 * - below 2^27: 27 bits and 12 bits of detector (or patch);
 * - below 2^33, fewer than 64 detectors (numbers composed of run, field and filter): 33 bits and 6 bits;
 * - a date and a sequence number, `YYYYMMDDnnnnn`, fewer than 256 detectors: days since 2000 times 100,000 plus sequence in 31
 *   bits, and 8 bits.
 *
 * @throws UnprocessableData for numbers that do not fit
 */
export function packedId(dataId: DataId, keys: readonly ['visit', 'detector'] | readonly ['tract', 'patch']): bigint {
  const [whole, part] = keys.map((key) => BigInt(dataId[key] ?? 0));
  const first = (packed: bigint) => (packed << OBJECT_BITS) + 1n;
  if (whole >> WHOLE_BITS === 0n && part >> PART_BITS === 0n) return first((whole << PART_BITS) | part);
  if (whole >> LONG_BITS === 0n && part >> PART_BITS_OF_LONG === 0n)
    return first(TAG | (whole << PART_BITS_OF_LONG) | part);
  const dated = /^(20\d\d)(\d\d)(\d\d)(\d{5})$/.exec(String(whole));
  if (dated === null || part >> PART_BITS_OF_DAYS !== 0n)
    throw new UnprocessableData(
      `${keys[0]} ${whole}, ${keys[1]} ${part} do not fit into object ids: ${keys[0]} numbers below ${1n << WHOLE_BITS} do, below ${1n << LONG_BITS} with fewer than 64 ${keys[1]}s, and YYYYMMDDnnnnn with fewer than 256`,
    );
  const [, year, month, day, sequence] = dated.map(Number);
  const days = BigInt(Math.round((Date.UTC(year, month - 1, day) - Date.UTC(2000, 0, 1)) / 86_400_000));
  return first(TAG | ((days * 100_000n + BigInt(sequence)) << PART_BITS_OF_DAYS) | part);
}
