// SPDX-License-Identifier: BSD-3-Clause
import type { UnitVector } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import type { Region } from './region.ts';

/**
 * The binary form of regions in Gen3 registries: a type byte (b, c, e, p, u, i), then little-endian float64 values;
 * unions and intersections hold, for each operand, its length as uint64 and its bytes.
 */
export function encodeRegion(region: Region): Uint8Array {
  switch (region.kind) {
    case 'circle':
      return pack('c', [...region.center, region.squaredChord, region.openingAngleRad]);
    case 'box':
      return pack('b', [region.lonA, region.lonB, region.latA, region.latB]);
    case 'polygon':
      return pack('p', region.vertices.flat());
    case 'ellipse':
      return pack('e', [...region.axes.flat(), region.a, region.b, region.gamma, region.tanA, region.tanB]);
    case 'union':
    case 'intersection':
      return packCompound(region.kind === 'union' ? 'u' : 'i', region.operands);
  }
}

function pack(type: string, values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(1 + 8 * values.length);
  const view = new DataView(bytes.buffer);
  bytes[0] = type.charCodeAt(0);
  for (let i = 0; i < values.length; i++) view.setFloat64(1 + 8 * i, values[i], true);
  return bytes;
}

function packCompound(type: string, operands: readonly Region[]): Uint8Array {
  const parts = operands.map(encodeRegion);
  const bytes = new Uint8Array(1 + parts.reduce((sum, p) => sum + 8 + p.length, 0));
  const view = new DataView(bytes.buffer);
  bytes[0] = type.charCodeAt(0);
  let at = 1;
  for (const part of parts) {
    view.setBigUint64(at, BigInt(part.length), true);
    bytes.set(part, at + 8);
    at += 8 + part.length;
  }
  return bytes;
}

/** The region of its binary form. @throws SKY_BAD_REGION */
export function decodeRegion(bytes: Uint8Array): Region {
  const bad = (rule: string) =>
    skyErrors.BAD_REGION({
      what: `${bytes.length} bytes '${Buffer.from(bytes.subarray(0, 9)).toString('hex')}…'`,
      rule,
    });
  if (bytes.length === 0) throw bad('there is no type byte');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const value = (i: number) => view.getFloat64(1 + 8 * i, true);
  const vector = (i: number): UnitVector => [value(i), value(i + 1), value(i + 2)];
  const expect = (count: number) => {
    if (bytes.length !== 1 + 8 * count) throw bad(`type '${type}' has ${count} numbers`);
  };
  const type = String.fromCharCode(bytes[0]);
  switch (type) {
    case 'c':
      expect(5);
      return { kind: 'circle', center: vector(0), squaredChord: value(3), openingAngleRad: value(4) };
    case 'b':
      expect(4);
      return { kind: 'box', lonA: value(0), lonB: value(1), latA: value(2), latB: value(3) };
    case 'e':
      expect(14);
      return {
        kind: 'ellipse',
        axes: [vector(0), vector(3), vector(6)],
        a: value(9),
        b: value(10),
        gamma: value(11),
        tanA: value(12),
        tanB: value(13),
      };
    case 'p': {
      const corners = (bytes.length - 1) / 24;
      if (!Number.isInteger(corners) || corners < 3) throw bad('a polygon has three or more corners of three numbers');
      return { kind: 'polygon', vertices: Array.from({ length: corners }, (_, i) => vector(3 * i)) };
    }
    case 'u':
    case 'i': {
      const operands: Region[] = [];
      for (let at = 1; at < bytes.length; ) {
        const length = at + 8 <= bytes.length ? Number(view.getBigUint64(at, true)) : Infinity;
        if (at + 8 + length > bytes.length) throw bad('an operand goes beyond the end');
        operands.push(decodeRegion(bytes.subarray(at + 8, at + 8 + length)));
        at += 8 + length;
      }
      return { kind: type === 'u' ? 'union' : 'intersection', operands };
    }
    default:
      throw bad("the type byte is none of 'b' 'c' 'e' 'p' 'u' 'i'");
  }
}
