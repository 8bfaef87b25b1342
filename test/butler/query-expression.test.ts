// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SkymillError } from '../../src/base/index.ts';
import { formatExpression } from '../../src/butler/query/expression/format.ts';
import { parseExpression } from '../../src/butler/query/expression/parser.ts';
import { parseTimeLiteral } from '../../src/butler/query/expression/time-literal.ts';
import { importYaml } from '../../src/butler/transfer/import-yaml.ts';
import { emptyRegistry } from '../conformance/registries.ts';
import { queryOf } from './query-fixture.ts';

const { text } = fc.letrec<{ text: string; value: string }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom('visit', 'a.b', ':x', '12', '.5', "'text'", "T'2020-03-30'", 'x.y.z', 'point(1, -2)'),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '%'), tie('value'))
      .map(([a, o, b]) => `(${a} ${o}${b})`),
    tie('value').map((v) => `-${v}`),
  ),
  text: fc.oneof(
    { maxDepth: 4 },
    fc
      .tuple(tie('value'), fc.constantFrom('=', '!=', '<', '>=', ' overlaps '), tie('value'))
      .map((parts) => parts.join('')),
    fc.tuple(tie('value'), fc.constantFrom('in', 'not IN')).map(([v, o]) => `${v} ${o} (1, -2,3..9:2 , :x)`),
    tie('text').map((t) => `not (${t})`),
    fc.tuple(tie('text'), fc.constantFrom('and', 'OR'), tie('text')).map(([a, o, b]) => `${a} ${o} (${b})`),
  ),
}));

test('the normal spelling reads as the same tree', () => {
  const withoutOffsets = (node: unknown) =>
    JSON.parse(
      JSON.stringify(node, (key, value) =>
        key === 'offset' ? undefined : typeof value === 'bigint' ? `${value}` : value,
      ),
    );
  fc.assert(
    fc.property(text, (source) => {
      const tree = parseExpression(source)!;
      const normal = formatExpression(tree);
      expect(withoutOffsets(parseExpression(normal))).toEqual(withoutOffsets(tree));
      expect(formatExpression(parseExpression(normal)!)).toBe(normal);
    }),
  );
});

describe('errors point at the place and say what was expected', () => {
  test.each<[string, number, number, RegExp]>([
    ['visit = ', 1, 9, /at its end: expected a name, a value/],
    ['visit = 1 adn detector = 2', 1, 11, /at "adn".*Did you mean "AND"/],
    ['visit = 1\nAND (detector = 2', 2, 18, /closing parenthesis/],
    ['visit = 1 ; 2', 1, 11, /has ";"/],
    ["visit > T'2020-13-01'", 1, 9, /date does not exist/],
    ['visit IN 5', 1, 10, /opening parenthesis after IN/],
  ])('%s', (source, line, column, message) => {
    let error: unknown;
    try {
      parseExpression(source);
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(SkymillError);
    expect((error as SkymillError).message).toMatch(message);
    expect((error as SkymillError).place).toMatchObject({ line, column });
    expect((error as SkymillError).place!.excerpt!.endsWith(`\n${' '.repeat(column - 1)}^`)).toBe(true);
  });
});

test('leap seconds exist only where they were', () => {
  const second = parseTimeLiteral('2016-12-31T23:59:60').taiNs;
  expect(parseTimeLiteral('2017-01-01T00:00:00').taiNs - second).toBe(1_000_000_000n);
  expect(() => parseTimeLiteral('2017-12-31T23:59:60')).toThrow(/time of day/);
  expect(() => parseTimeLiteral('1969-07-20T20:17:40')).toThrow(/1972/);
});

describe('an export', () => {
  const head = 'description: x\nversion: 1.0.2\ndata:\n';
  test('brings its records, collections, datasets and validity ranges', async () => {
    const registry = await emptyRegistry();
    const report = await importYaml(
      registry,
      `${head}- type: dimension
  element: instrument
  records: [{name: Cam, visit_max: 10, visit_system: 0, exposure_max: 10, detector_max: 2, class_name: a.B}]
- type: dimension
  element: detector
  records: [{instrument: Cam, id: 1, full_name: 0_09, purpose: SCIENCE}]
- {type: dataset_type, name: bias, dimensions: [instrument, detector], storage_class: ExposureF, is_calibration: true}
- {type: collection, collection_type: RUN, name: r}
- {type: collection, collection_type: CALIBRATION, name: c}
- {type: collection, collection_type: CHAINED, name: all, children: [c, r]}
- type: dataset
  dataset_type: bias
  run: r
  records:
  - {dataset_id: [!uuid 51352db4-a47a-447c-b12d-a50b206b17cd], data_id: [{instrument: Cam, detector: 1}], path: a/b.fits}
- type: associations
  collection: c
  collection_type: CALIBRATION
  validity_ranges:
  - timespan: !<lsst.daf.butler.Timespan> {begin: !butler_time/tai/iso '2020-01-01 00:00:00.000000000', end: null}
    dataset_ids: [!uuid 51352db4-a47a-447c-b12d-a50b206b17cd]
`,
      'export.yaml',
    );
    expect(report).toMatchObject({ records: 2, datasets: 1, files: [{ path: 'a/b.fits' }] });
    const found = await queryOf(registry).datasetColumns('bias', { collections: ['all'], withTimespans: true });
    expect(found.ids).toEqual(Array(2).fill('51352db4-a47a-447c-b12d-a50b206b17cd'));
    expect(found.timespans).toEqual([
      { beginNs: 1_577_836_800_000_000_000n, endNs: undefined },
      { beginNs: undefined, endNs: undefined },
    ]);
    await registry.db.close();
  });
  test.each([
    ['data: [', /not a repository export/],
    ['a: 1', /no list "data"/],
    [`${head}- {type: dimensoin}`, /Did you mean "dimension"/],
    [`${head}- {type: dataset_type, name: 3, dimensions: [], storage_class: x}`, /section 1 \(dataset_type\): name/],
  ])('that is damaged is refused (%#)', async (yaml, message) => {
    const registry = await emptyRegistry();
    await expect(importYaml(registry, yaml, 'export.yaml')).rejects.toThrow(message);
    await registry.db.close();
  });
});
