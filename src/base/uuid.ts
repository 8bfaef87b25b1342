// SPDX-License-Identifier: BSD-3-Clause
import { uuidv7obj } from 'uuidv7';

/** A new time-ordered UUID (RFC 9562, version 7) in canonical text. */
export function newUuid(): string {
  return uuidv7obj().toString();
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
