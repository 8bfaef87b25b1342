// SPDX-License-Identifier: BSD-3-Clause
import { V7Generator } from 'uuidv7';

const generator = new V7Generator();
let latestMs = 0;

/** A new time-ordered UUID (RFC 9562, version 7) in canonical text. Each is above the one before, also when the clock goes back. */
export function newUuid(): string {
  latestMs = Math.max(latestMs, Date.now());
  return generator.generateOrResetCore(latestMs, 10_000).toString();
}

/** Canonical text of 16 bytes, or of 32 hexadecimal digits (the form SQLite registries store). */
export function formatUuid(value: Uint8Array | string): string {
  const hex = typeof value === 'string' ? value : Buffer.from(value.buffer, value.byteOffset, 16).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The 32 hexadecimal digits of a UUID in any usual text form. */
export function uuidHex(uuid: string): string {
  return uuid.replaceAll('-', '').toLowerCase();
}
