// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, test } from 'vitest';
import { groupExposures } from '../../src/instruments/index.ts';

const exposure = (id: number, seqStart: number, seqEnd: number, group = 'g') => ({
  instrument: 'X',
  id,
  obs_id: `o${id}`,
  day_obs: 20220405,
  seq_num: id % 1000,
  seq_start: seqStart,
  seq_end: seqEnd,
  group,
});
const three = [exposure(2022040500347, 347, 347), exposure(2022040500348, 348, 349), exposure(2022040500349, 348, 349)];
const shape = (definitions: ReturnType<typeof groupExposures>) =>
  Object.fromEntries(definitions.map((d) => [d.visit, d.exposures.map((e) => e['id'])]));

describe('exposures to visits', () => {
  test('one to one and by counter: a sequence takes the number of its first exposure', () => {
    const definitions = groupExposures(three, 'one-to-one-and-by-counter');
    expect(shape(definitions)).toEqual({
      2022040500347: [2022040500347],
      2022040500348: [2022040500348, 2022040500349],
      2022040500349: [2022040500349],
      92022040500348: [2022040500348],
    });
    expect(definitions.find((d) => d.visit === 2022040500347)?.systems).toEqual([0, 2]);
  });

  test('the same whatever the order; a sequence without its first exposure is not there yet', () => {
    expect(shape(groupExposures([...three].reverse(), 'one-to-one-and-by-counter'))).toEqual(
      shape(groupExposures(three, 'one-to-one-and-by-counter')),
    );
    expect(shape(groupExposures([three[2]], 'one-to-one-and-by-counter'))).toEqual({ 2022040500349: [2022040500349] });
  });

  test('by group', () => {
    const grouped = groupExposures(
      [exposure(1, 1, 1, 'a'), exposure(2, 2, 2, 'a'), exposure(3, 3, 3, 'b')],
      'by-group-metadata',
    );
    expect(shape(grouped)).toEqual({ 1: [1, 2], 3: [3] });
  });
});
