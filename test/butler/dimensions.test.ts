// SPDX-License-Identifier: BSD-3-Clause
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { dafButler8 } from '../../src/butler/dimensions/daf-butler-8.ts';
import type { UniverseSpec } from '../../src/butler/dimensions/spec.ts';
import { DimensionUniverse } from '../../src/butler/dimensions/universe.ts';
import { answer, type DimensionsCase } from '../conformance/dimensions.ts';
import { describeShared } from '../support/shared.ts';

interface UniverseFacts {
  version: number;
  staticElements: string[];
  elements: Record<string, Record<string, unknown>>;
}

const universe = new DimensionUniverse();

describe('dimension universe', () => {
  it('closes names under what they require and imply', () => {
    const group = universe.conform(['visit', 'detector']);
    expect(group.names).toEqual(['band', 'instrument', 'day_obs', 'detector', 'physical_filter', 'visit']);
    expect(group.required).toEqual(['instrument', 'detector', 'visit']);
    expect(group.elements).toContain('visit_detector_region');
  });

  it('interns groups', () => {
    expect(universe.conform(['detector', 'visit'])).toBe(universe.conform(['visit', 'detector', 'band']));
  });

  it('suggests a name for a misspelt dimension', () => {
    expect(() => universe.conform(['detectr'])).toThrow(/Did you mean "detector"/);
  });

  it('refuses missing keys, wrong types and unsafe integers, naming them', () => {
    const group = universe.conform(['detector', 'exposure']);
    expect(() => universe.coordinate(group, { instrument: 'X', detector: 1 })).toThrow(/exposure/);
    expect(() => universe.coordinate(group, { instrument: 'X', detector: '1', exposure: 2 })).toThrow(/"1".*detector/);
    expect(() => universe.coordinate(group, { instrument: 'X', detector: 1, exposure: 2 ** 53 })).toThrow(/exposure/);
    expect(() => universe.coordinate(group, { instrument: 'X', detector: 1, exposure: 2, vist: 3 })).toThrow(/visit/);
  });

  it('gives equal keys to equal coordinates only', () => {
    const group = universe.conform(['group', 'exposure']);
    const id = fc.record({ instrument: fc.string({ minLength: 1 }), exposure: fc.nat() });
    fc.assert(
      fc.property(id, id, (a, b) => {
        const same = a.instrument === b.instrument && a.exposure === b.exposure;
        expect(universe.coordinate(group, a).key === universe.coordinate(group, b).key).toBe(same);
      }),
    );
  });

  it('is the same after a round trip through the stored JSON', () => {
    const again = DimensionUniverse.fromJson(universe.toJson());
    expect(again.elementNames).toEqual(universe.elementNames);
    expect(again.spec).toEqual(JSON.parse(JSON.stringify(dafButler8)));
  });
});

describeShared('conformance/gen3', 'dimension universes of Gen3', (dir) => {
  const read = () => JSON.parse(readFileSync(join(dir, 'cases/dimensions.json'), 'utf8'));
  const load = (name: string): UniverseSpec =>
    parse(readFileSync(join(dir, 'data/daf_butler/python/lsst/daf/butler', name), 'utf8'));

  it('answers every case', () => {
    const suite = read();
    expect(suite.cases.length).toBeGreaterThan(50);
    for (const testCase of suite.cases as (DimensionsCase & { id: string; expect: Record<string, unknown> })[]) {
      const got = answer(testCase, load) as Record<string, unknown>;
      if ('error' in testCase.expect) expect(got, testCase.id).toHaveProperty('error');
      else expect(got, testCase.id).toEqual(testCase.expect);
    }
  });

  it('describes every element as the peer does', () => {
    for (const [name, expected] of Object.entries<UniverseFacts>(read().universes)) {
      const theirs = new DimensionUniverse(load(name));
      expect(theirs.version).toBe(expected.version);
      const statics = theirs.elementNames.filter((element) => theirs.element(element).skypix === undefined);
      expect(statics, name).toEqual(expected.staticElements);
      for (const [elementName, facts] of Object.entries(expected.elements)) {
        const element = theirs.element(elementName);
        const got = {
          required: element.required,
          implied: element.implied,
          isDimension: element.isDimension,
          hasOwnTable: element.hasTable,
          alwaysJoin: element.alwaysJoin,
          populatedBy: element.populatedBy ?? null,
          impliedUnionTarget: element.viewOf ?? null,
          definesRelationships: element.definesRelationships,
          primaryKey: element.primaryKey?.name ?? null,
          alternateKeys: element.alternateKeys.map((key) => key.name),
          metadata: element.metadata.map((field) => field.name),
          spatialFamily: element.spatialFamily ?? null,
          temporalFamily: element.temporalFamily ?? null,
        };
        expect(got, `${name} ${elementName}`).toEqual(facts);
      }
    }
  });

  it('has our description of universe 8 equal to theirs, but for the words', () => {
    const theirs = load('configs/dimensions.yaml');
    const strip = (value: unknown): unknown =>
      JSON.parse(JSON.stringify(value, (key, inner) => (key === 'doc' ? undefined : inner)));
    expect(strip(dafButler8)).toEqual(strip(theirs));
  });
});
