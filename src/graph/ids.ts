// SPDX-License-Identifier: BSD-3-Clause
import { randomBytes } from 'node:crypto';
import { formatUuid, uuidHex } from '../base/index.ts';

/**
 * Ids of quanta and predicted datasets are computed from the graph's id and the row, both ways, so that no id is stored.
 *
 * The graph's id is a UUIDv7 (RFC 9562): 48 bits of time, version, 12 random bits, variant, 62 random bits. A row's id keeps
 * the time, the 12 bits and the first 28 of the 62, and puts 2 bits of kind and 32 bits of row in the rest. So ids of one
 * graph ascend with the row (good for the index of a database), are valid UUIDv7, and two graphs of the same millisecond
 * share ids with a chance of 2^-40.
 */
export type IdKind = 'quantum' | 'dataset';
const kindBits: Record<IdKind, number> = { quantum: 1, dataset: 2 };

/**
 * A new graph id. All bits but time, version and variant are random: UUIDv7 generators that count within a millisecond would
 * leave the bits that rows keep the same from one graph to the next.
 */
export function newGraphId(): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = 0x70 | (bytes[6] & 0x0f);
  bytes[8] = 0x80 | (bytes[8] & 0x3f);
  return formatUuid(bytes);
}

/** Hexadecimal digits of a UUID that all rows of the graph share: 48 + 4 + 12 + 2 + 28 bits, and the two bits of kind. */
function prefix(graphId: string, kind: IdKind): string {
  const hex = uuidHex(graphId);
  // Digits 16..23 hold the variant (2 bits), 28 random bits and the kind (2 bits).
  const middle = Number.parseInt(hex.slice(16, 24), 16);
  const tagged = ((middle & 0xfffffffc) | kindBits[kind]) >>> 0;
  return hex.slice(0, 16) + tagged.toString(16).padStart(8, '0');
}

export function rowUuid(graphId: string, kind: IdKind, row: number): string {
  if (last.graphId !== graphId || last.kind !== kind)
    last = { graphId, kind, begin: `${formatUuid(prefix(graphId, kind))}` };
  return last.begin + row.toString(16).padStart(8, '0');
}

/** Ids are asked for in long series: the text that all of one have in common. */
let last = { graphId: '', kind: 'dataset' as IdKind, begin: '' };

/** The row of an id of this graph and kind, or undefined. */
export function uuidRow(graphId: string, kind: IdKind, uuid: string): number | undefined {
  const hex = uuidHex(uuid);
  if (hex.length !== 32 || hex.slice(0, 24) !== prefix(graphId, kind)) return undefined;
  return Number.parseInt(hex.slice(24), 16);
}
