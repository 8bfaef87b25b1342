// SPDX-License-Identifier: BSD-3-Clause
import { transferErrors } from './errors.ts';

/** Kinds of region by the first byte of their binary form: the names under which exports keep them. */
const kinds: Readonly<Record<string, string>> = {
  b: 'Box',
  c: 'Circle',
  e: 'Ellipse',
  p: 'ConvexPolygon',
  u: 'UnionRegion',
  i: 'IntersectionRegion',
};

export const regionKindNames: readonly string[] = Object.values(kinds);

export function regionKind(typeByte: number): string {
  const kind = kinds[String.fromCharCode(typeByte)];
  if (kind === undefined) throw transferErrors.BAD_REGION({ typeByte });
  return kind;
}
