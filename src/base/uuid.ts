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

/** Writes the 16 bytes of a UUID at a place of a buffer: for columns of very many, without a text in between. */
export function writeUuid(uuid: string, into: Uint8Array, at: number): void {
  let [high, digits] = [0, 0];
  for (let i = 0; i < uuid.length; i++) {
    const code = uuid.charCodeAt(i);
    if (code === 0x2d) continue;
    // 0-9 are 0x30-0x39; a-f and A-F end in 1-6 and have bit 6.
    const digit = (code & 0xf) + (code & 0x40 ? 9 : 0);
    if ((digits & 1) === 0) high = digit << 4;
    else into[at + (digits >> 1)] = high | digit;
    digits++;
  }
  if (digits !== 32) throw new RangeError(`${uuid} is no UUID`);
}
