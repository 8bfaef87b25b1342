// SPDX-License-Identifier: BSD-3-Clause

import type { DimensionRecordValue, Timespan } from '../types.ts';
import { regionKind } from './region-kinds.ts';

/*
 * Values in the YAML 1.1 of repository exports, in plain ASCII: what any reader of YAML 1.1 takes for the same value. Texts stand
 * without quotes only where they cannot be taken for anything else.
 */

const plain = /^[A-Za-z_][A-Za-z0-9_./+-]*$/;
const reserved = /^(?:y|yes|n|no|true|false|on|off|null|none)$/i;

export function yamlText(text: string): string {
  if (plain.test(text) && !reserved.test(text)) return text;
  const escaped = text.replace(/[\\"]|[^\x20-\x7e]/gu, (char) => {
    if (char === '\\' || char === '"') return `\\${char}`;
    const code = char.codePointAt(0)!;
    const digits = code.toString(16).toUpperCase();
    if (code < 0x100) return `\\x${digits.padStart(2, '0')}`;
    return code < 0x10000 ? `\\u${digits.padStart(4, '0')}` : `\\U${digits.padStart(8, '0')}`;
  });
  return `"${escaped}"`;
}

/** YAML 1.1 knows a number with an exponent by its point and the sign of the exponent. */
export function yamlNumber(value: number): string {
  if (Number.isNaN(value)) return '.nan';
  if (!Number.isFinite(value)) return value > 0 ? '.inf' : '-.inf';
  const text = Object.is(value, -0) ? '-0.0' : String(value);
  const match = /^(-?\d+)(\.\d+)?e([+-])(\d+)$/.exec(text);
  return match === null ? text : `${match[1]}${match[2] ?? '.0'}e${match[3]}${match[4]}`;
}

/** A moment to the nanosecond, TAI. */
export function yamlTime(taiNs: bigint): string {
  const seconds = taiNs / 1_000_000_000n;
  const date = new Date(Number(seconds) * 1000).toISOString();
  const fraction = (taiNs % 1_000_000_000n).toString().padStart(9, '0');
  return `!butler_time/tai/iso '${date.slice(0, 10)} ${date.slice(11, 19)}.${fraction}'`;
}

export function yamlMoment(taiNs: bigint | undefined): string {
  return taiNs === undefined ? 'null' : yamlTime(taiNs);
}

/** A validity range as a block map; its lines begin with `indent`. */
export function yamlTimespan(span: Timespan, indent: string): string {
  return `!lsst.daf.butler.Timespan\n${indent}begin: ${yamlMoment(span.beginNs)}\n${indent}end: ${yamlMoment(span.endNs)}`;
}

/** A field of a record that is no timespan. `indent` of lines below it. */
export function yamlField(name: string, value: DimensionRecordValue, indent: string): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return yamlText(value);
    case 'number':
      return yamlNumber(value);
    case 'boolean':
      return String(value);
  }
  const bytes = Buffer.from(value as Uint8Array);
  if (name !== 'region') return `!!binary "${bytes.toString('base64')}"`;
  return `!<lsst.sphgeom.${regionKind(bytes[0])}>\n${indent}encoded: ${bytes.toString('hex')}`;
}
