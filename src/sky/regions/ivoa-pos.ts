// SPDX-License-Identifier: BSD-3-Clause
import { DEG, lonLatDeg } from '../angles.ts';
import { skyErrors } from '../errors.ts';
import { boxDeg } from './box.ts';
import { circleDeg } from './circle.ts';
import { polygonFromLonLat } from './polygon.ts';
import type { Region } from './region.ts';

/** The region of a POS parameter (IVOA SIA 2.0, section 2.1.1): CIRCLE, RANGE or POLYGON, in degrees. @throws SKY_BAD_POS */
export function parseIvoaPos(text: string): Region {
  const bad = (rule: string) => skyErrors.BAD_POS({ text, rule });
  const [shape, ...words] = text.trim().split(/\s+/);
  const numbers = words.map((word) => {
    if (/^[+-]?inf$/i.test(word)) return word.startsWith('-') ? -Infinity : Infinity;
    const value = Number(word);
    if (word === '' || Number.isNaN(value)) throw bad(`'${word}' is not a number`);
    return value;
  });
  const finite = () => {
    if (!numbers.every(Number.isFinite)) throw bad('only RANGE may have open ends');
  };
  switch (shape) {
    case 'CIRCLE': {
      finite();
      if (numbers.length !== 3) throw bad('CIRCLE has three numbers: lon lat radius');
      const [lon, lat, radius] = numbers;
      if (Math.abs(lat) > 90 || radius < 0) throw bad('the latitude lies in [-90, 90] and the radius is not negative');
      return circleDeg(lon, lat, radius);
    }
    case 'RANGE': {
      if (numbers.length !== 4) throw bad('RANGE has four numbers: lon1 lon2 lat1 lat2');
      const [lonA, lonB, latA, latB] = numbers;
      if (latA > latB) throw bad('the first latitude must not exceed the second');
      return boxDeg(
        lonA === -Infinity ? 0 : lonA,
        lonB === Infinity ? 360 : lonB,
        Math.max(latA, -90),
        Math.min(latB, 90),
      );
    }
    case 'POLYGON': {
      finite();
      if (numbers.length < 6 || numbers.length % 2 === 1) throw bad('POLYGON has three or more pairs lon lat');
      const corners = Array.from(
        { length: numbers.length / 2 },
        (_, i) => [numbers[2 * i], numbers[2 * i + 1]] as const,
      );
      return polygonFromLonLat(corners);
    }
    default:
      throw bad('the shape is CIRCLE, RANGE or POLYGON');
  }
}

/** A region as POS text. @throws SKY_BAD_REGION for ellipses, unions and intersections, which POS has no words for. */
export function toIvoaPos(region: Region): string {
  const degrees = (rad: number) => rad / DEG;
  switch (region.kind) {
    case 'circle': {
      const { lonDeg, latDeg } = lonLatDeg(region.center);
      return `CIRCLE ${number(lonDeg)} ${number(latDeg)} ${number(degrees(region.openingAngleRad))}`;
    }
    case 'box':
      return `RANGE ${[region.lonA, region.lonB, region.latA, region.latB].map((a) => number(degrees(a))).join(' ')}`;
    case 'polygon':
      return `POLYGON ${region.vertices
        .map(lonLatDeg)
        .map(({ lonDeg, latDeg }) => `${number(lonDeg)} ${number(latDeg)}`)
        .join(' ')}`;
    default:
      throw skyErrors.BAD_REGION({ what: region.kind, rule: 'IVOA POS has only circles, ranges and polygons' });
  }
}

function number(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}
