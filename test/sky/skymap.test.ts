// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  decodeRegion,
  encodeRegion,
  polygonFromLonLat,
  regionContains,
  type SkyMap,
  unitVector,
} from '../../src/sky/index.ts';
import { parseSkyMap } from '../../src/sky/skymap/from-plain.ts';

const maps: SkyMap[] = [
  {
    name: 'demo',
    type: 'discrete',
    raList: [150.1, 359.99],
    decList: [2.2, -60],
    radiusList: [0.1, 0.2],
    pixelScale: 0.3,
    patchInnerDimensions: [500, 400],
    patchBorder: 50,
  },
  { name: 'hsc', type: 'rings', numRings: 120, pixelScale: 0.168, tractOverlap: 1 / 60 },
  { name: 'small', type: 'rings', numRings: 3, pixelScale: 60, patchInnerDimensions: [200, 200], patchBorder: 10 },
  { name: 'healpix', type: 'healpix', log2NSide: 3, tractOverlap: 0.1, pixelScale: 2 },
].map(parseSkyMap);
const wholeSky = maps.slice(1);

const position = fc
  .tuple(fc.double({ min: 0, max: 360, noNaN: true, maxExcluded: true }), fc.double({ min: -1, max: 1, noNaN: true }))
  .map(([ra, z]) => ({ ra, dec: (Math.asin(z) * 180) / Math.PI }));

describe('sky maps', () => {
  test('the rings map of a public survey keeps its numbers: tract 9813 holds the COSMOS field', () => {
    const tract = maps[1].findTract(150.1, 2.2);
    expect(tract.id).toBe(9813);
    expect([tract.patchCountX, tract.patchCountY]).toEqual([9, 9]);
    expect(tract.decDeg).toBeCloseTo(2.2314, 4);
  });

  test.each(wholeSky)('$name: every position is in its tract, in one patch, and found by region', (map) => {
    fc.assert(
      fc.property(position, ({ ra, dec }) => {
        const v = unitVector(ra, dec);
        const tract = map.findTract(ra, dec);
        expect(regionContains(tract.outerRegion, v)).toBe(true);
        expect(map.findTracts(ra, dec).map((t) => t.id)).toContain(tract.id);
        const patch = tract.findPatch(ra, dec)!;
        expect(regionContains(patch.innerRegion, v)).toBe(true);
        expect(regionContains(patch.region, v)).toBe(true);
        const { x, y } = tract.wcs.skyToPixel(ra, dec);
        const { x0, y0, x1, y1 } = patch.innerBBox;
        expect(x >= x0 - 0.5 && x < x1 - 0.5 && y >= y0 - 0.5 && y < y1 - 0.5).toBe(true);
        const size = 0.01;
        const c = Math.max(0.01, Math.cos((dec * Math.PI) / 180));
        if (Math.abs(dec) > 89) return;
        const field = polygonFromLonLat([
          [ra - size / c, dec - size],
          [ra + size / c, dec - size],
          [ra + size / c, dec + size],
          [ra - size / c, dec + size],
        ]);
        const found = map.findTractPatchList(field).find((f) => f.tract.id === tract.id);
        expect(found?.patches.map((p) => p.index)).toContain(patch.index);
      }),
      { numRuns: 60 },
    );
  });

  test.each(wholeSky)('$name: the owner is the tract whose inner region holds the position', (map) => {
    fc.assert(
      fc.property(position, ({ ra, dec }) => {
        // HEALPix sides bulge past the hull of the corners; on the equator, where two rings meet, either may own.
        if (map.type === 'healpix' || Math.abs(dec) < 1e-9) return;
        expect(regionContains(map.findTract(ra, dec).innerRegion, unitVector(ra, dec))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('patches number y * nx + x, share borders, and stop at the edge of the tract', () => {
    const tract = maps[0].tract(0);
    const { patchCountX: nx, patchCountY: ny } = tract;
    const all = [...tract.patches()];
    expect(all.length).toBe(nx * ny);
    expect(all[nx + 2]).toMatchObject({ index: nx + 2, cellX: 2, cellY: 1 });
    expect(all[nx + 2].innerBBox).toEqual({ x0: 1000, y0: 400, x1: 1500, y1: 800 });
    expect(all[nx + 2].outerBBox).toEqual({ x0: 950, y0: 350, x1: 1550, y1: 850 });
    expect(all[0].outerBBox).toEqual({ x0: 0, y0: 0, x1: 550, y1: 450 });
    expect(all.reduce((sum, p) => sum + (p.innerBBox.x1 - p.innerBBox.x0) * (p.innerBBox.y1 - p.innerBBox.y0), 0)).toBe(
      tract.bbox.x1 * tract.bbox.y1,
    );
    expect(() => tract.patch(nx * ny)).toThrow(/no patch/);
    expect(() => maps[0].tract(2)).toThrow(/no tract 2/);
  });

  test('plain data and back is the same map; the hash goes by the definition, not by the name', () => {
    for (const map of maps) {
      const again = parseSkyMap(JSON.parse(JSON.stringify(map.toPlain())));
      expect(again.sha1Hex()).toBe(map.sha1Hex());
      expect(again.tract(1).wcs.toCards()).toEqual(map.tract(1).wcs.toCards());
      expect(parseSkyMap({ ...map.toPlain(), name: 'other' }).sha1Hex()).toBe(map.sha1Hex());
      expect(parseSkyMap({ ...map.toPlain(), pixelScale: 0.2 }).sha1Hex()).not.toBe(map.sha1Hex());
      const { region } = map.tract(0);
      expect(decodeRegion(encodeRegion(region))).toEqual(region);
    }
    expect(new Set(maps.map((m) => m.sha1Hex())).size).toBe(maps.length);
  });

  test('a wrong configuration names the parameter', () => {
    expect(() => parseSkyMap({ name: 'x', type: 'rings' })).toThrow(/numRings/);
    expect(() => parseSkyMap({ name: 'x', type: 'rings', numRings: 10, patchBoarder: 3 })).toThrow(/patchBoarder/);
    expect(() => parseSkyMap({ name: 'x', type: 'discrete', raList: [1], decList: [1, 2], radiusList: [1] })).toThrow(
      /as many/,
    );
    expect(() => parseSkyMap({ name: 'x', type: 'squares' })).toThrow(/type/);
  });
});
