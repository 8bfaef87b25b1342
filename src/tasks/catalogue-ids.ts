// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../butler/index.ts';
import { UnprocessableData } from '../pipeline/index.ts';

/** Objects per catalogue: the low bits of an id. */
const OBJECT_BITS = 24n;
/** Detector or patch. */
const PART_BITS = 12n;
/** Visit or tract. */
const WHOLE_BITS = 27n;
/** Detectors beside a packed day and sequence number, which need 31 bits. */
const PART_BITS_OF_DAYS = 8n;

/**
 * First object id of a catalogue, unique over a survey and positive: the data ID packed above 24 bits of object number,
 * `visit (27 bits), detector (12 bits), object` or `tract, patch, object` alike; objects count from 1. Visit numbers that
 * begin with a date (`YYYYMMDD` and a sequence number of five digits) are packed as days since 2000 times 100,000 plus
 * sequence (31 bits), with 8 bits for the detector.
 *
 * @throws UnprocessableData for numbers that do not fit
 */
export function packedId(dataId: DataId, keys: readonly ['visit', 'detector'] | readonly ['tract', 'patch']): bigint {
  const [whole, part] = keys.map((key) => BigInt(dataId[key] ?? 0));
  if (whole >> WHOLE_BITS === 0n && part >> PART_BITS === 0n)
    return (((whole << PART_BITS) | part) << OBJECT_BITS) + 1n;
  const dated = /^(20\d\d)(\d\d)(\d\d)(\d{5})$/.exec(String(whole));
  if (dated === null || part >> PART_BITS_OF_DAYS !== 0n)
    throw new UnprocessableData(
      `${keys[0]} ${whole}, ${keys[1]} ${part} do not fit into object ids: ${keys[0]} numbers below ${1n << WHOLE_BITS} (or YYYYMMDDnnnnn with fewer than 256 ${keys[1]}s) do`,
    );
  const [, year, month, day, sequence] = dated.map(Number);
  const days = BigInt(Math.round((Date.UTC(year, month - 1, day) - Date.UTC(2000, 0, 1)) / 86_400_000));
  return ((((days * 100_000n + BigInt(sequence)) << PART_BITS_OF_DAYS) | part) << OBJECT_BITS) + 1n;
}
