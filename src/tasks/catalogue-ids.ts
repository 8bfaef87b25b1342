// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../butler/index.ts';

/** Objects per catalogue: the low bits of an id. */
const OBJECT_BITS = 24n;
const DETECTOR_BITS = 12n;
const PATCH_BITS = 12n;

/**
 * First object id of a catalogue, unique over a survey: the data ID packed above 24 bits of object number, as
 * `visit, detector (12 bits), object` or `tract, patch (12 bits), object`. Ids start at 1 within a catalogue; they stay
 * positive for visits up to 2^27 and tracts up to 2^27, longer visit numbers wrap within 63 bits.
 */
export function packedId(dataId: DataId, keys: readonly ['visit', 'detector'] | readonly ['tract', 'patch']): bigint {
  const [high, low] = keys.map((key) => BigInt(dataId[key] ?? 0));
  const bits = keys[0] === 'visit' ? DETECTOR_BITS : PATCH_BITS;
  return BigInt.asUintN(63, (((high << bits) | low) << OBJECT_BITS) + 1n);
}
