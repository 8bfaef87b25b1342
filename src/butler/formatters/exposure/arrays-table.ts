// SPDX-License-Identifier: BSD-3-Clause
import type { Hdu, TableToWrite } from '../../../fits/index.ts';

/*
 * Plain data with large arrays (a PSF model) as a table of three variable-length columns: PLAIN holds, in the first row, the
 * JSON text in which each typed array is replaced by {"$array": row}; VALUES32 and VALUES64 hold the arrays, one a row.
 */
interface Reference {
  $array: number;
}

export function plainToTable(name: string, plain: unknown): TableToWrite {
  const arrays: (Float32Array | Float64Array)[] = [];
  const strip = (value: unknown): unknown => {
    if (value instanceof Float32Array || value instanceof Float64Array) {
      arrays.push(value);
      return { $array: arrays.length } satisfies Reference;
    }
    if (Array.isArray(value)) return value.map(strip);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, strip(inner)]));
  };
  const text = new TextEncoder().encode(JSON.stringify(strip(plain)));
  const only = <T extends Float32Array | Float64Array>(type: new () => T): T[] => [
    new type(),
    ...arrays.map((array) => (array instanceof type ? array : new type())),
  ];
  return {
    kind: 'table',
    name,
    columns: [
      { name: 'PLAIN', data: [text, ...arrays.map(() => new Uint8Array())] },
      { name: 'VALUES32', data: only(Float32Array) },
      { name: 'VALUES64', data: only(Float64Array) },
    ],
  };
}

export async function plainFromTable(hdu: Hdu): Promise<unknown> {
  const columns = await hdu.readColumns(['PLAIN', 'VALUES32', 'VALUES64']);
  const [text] = columns['PLAIN'] as Uint8Array[];
  const values32 = columns['VALUES32'] as Float32Array[];
  const values64 = columns['VALUES64'] as Float64Array[];
  return JSON.parse(new TextDecoder().decode(text), (_key, value: unknown) => {
    const row = (value as Partial<Reference> | null)?.$array;
    if (row === undefined) return value;
    return values32[row].length > 0 ? values32[row] : values64[row];
  });
}
