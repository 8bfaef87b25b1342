// SPDX-License-Identifier: BSD-3-Clause

/** Units that rules may name, each with what turns it into the unit that the property is kept in. */
const conversions = {
  deg: (v: number) => v,
  hourangle: (v: number) => v * 15,
  rad: (v: number) => (v * 180) / Math.PI,
  degC: (v: number) => v,
  K: (v: number) => v - 273.15,
  hPa: (v: number) => v,
  Pa: (v: number) => v / 100,
  mm: (v: number) => v,
  um: (v: number) => v / 1000,
  m: (v: number) => v * 1000,
} as const;

export type Unit = keyof typeof conversions;
export const unitNames = Object.keys(conversions) as [Unit, ...Unit[]];

const sexagesimal = /^([+-]?)(\d+)[:\s](\d+)(?:[:\s](\d+(?:\.\d*)?))?$/;

/** A number, or sexagesimal text (hours or degrees), in degrees, °C, hPa or mm where a unit is given; NaN where it is neither. */
export function toQuantity(value: string | number | boolean, unit?: Unit): number {
  const text = String(value).trim();
  const parts = sexagesimal.exec(text);
  const plain =
    parts === null
      ? text === ''
        ? Number.NaN
        : Number(text)
      : (parts[1] === '-' ? -1 : 1) * (Number(parts[2]) + Number(parts[3]) / 60 + Number(parts[4] ?? 0) / 3600);
  return unit === undefined ? plain : conversions[unit](plain);
}
