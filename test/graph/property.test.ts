// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { DataId, DataIdColumns } from '../../src/butler/index.ts';
import { csrFromPairs, transpose } from '../../src/graph/columns/csr.ts';
import { groupRows, matchRows } from '../../src/graph/columns/group.ts';
import { newGraphId, rowUuid, uuidRow } from '../../src/graph/ids.ts';
import { buildGraph, type ColumnGraph } from '../../src/graph/index.ts';
import {
  type Connection,
  loadPipelineText,
  type ResolvedPipeline,
  resolvePipeline,
  type TaskDefinition,
} from '../../src/pipeline/index.ts';
import { key, type MemoryDataset, MemorySource, universe, uuid } from './memory-source.ts';
import { type NaiveOptions, naiveGraph, required } from './naive.ts';

/** Dimension sets that tasks and datasets of the random pipelines take. */
const dimensionSets = [
  ['instrument'],
  ['instrument', 'detector'],
  ['instrument', 'visit'],
  ['instrument', 'visit', 'detector'],
  ['skymap', 'tract', 'patch'],
  ['skymap', 'tract', 'patch', 'band'],
  ['skymap', 'tract', 'patch', 'instrument', 'visit'],
  ['instrument', 'physical_filter'],
];
const collections = ['first', 'second'];

const relation = fc.array(
  fc.record({
    visit: fc.integer({ min: 1, max: 4 }),
    detector: fc.integer({ min: 0, max: 3 }),
    patch: fc.integer({ min: 0, max: 3 }),
  }),
  { minLength: 1, maxLength: 25 },
);

interface PlanTask {
  dimensions: number;
  inputs: { from: number; minimum: number; prerequisite: boolean }[];
  /** An overall input over dimension set k, of which this share is stored. */
  overall: { dimensions: number; minimum: number; prerequisite: boolean }[];
  /** A calibration, looked up by time: this many must be valid. */
  calibration: { minimum: number; byDetector: boolean } | undefined;
  /** A reference catalogue by sky pixel: so many parts must be there. */
  reference: number | undefined;
}
const planTask: fc.Arbitrary<PlanTask> = fc.record({
  dimensions: fc.nat(dimensionSets.length - 1),
  inputs: fc.array(
    fc.record({ from: fc.nat(20), minimum: fc.integer({ min: 0, max: 2 }), prerequisite: fc.constant(false) }),
    { maxLength: 2 },
  ),
  overall: fc.array(
    fc.record({
      dimensions: fc.nat(dimensionSets.length - 1),
      minimum: fc.integer({ min: 0, max: 2 }),
      prerequisite: fc.boolean(),
    }),
    { maxLength: 2 },
  ),
  calibration: fc.option(fc.record({ minimum: fc.nat(1), byDetector: fc.boolean() }), { nil: undefined }),
  reference: fc.option(fc.nat(2), { nil: undefined }),
});

/** Visit v is at hour v. */
const timeOf = (visit: number) => ({ beginNs: BigInt(visit) * 1000n, endNs: BigInt(visit) * 1000n + 10n });

function tasksOf(plan: readonly PlanTask[]): Record<string, TaskDefinition> {
  const tasks: Record<string, TaskDefinition> = {};
  for (const [i, one] of plan.entries()) {
    const connections: Record<string, Connection> = {
      out: { kind: 'output', datasetType: `made${i}`, dimensions: dimensionSets[one.dimensions], storage: 'S' },
    };
    for (const [k, input] of one.inputs.entries()) {
      if (i === 0) continue;
      const from = input.from % i;
      const dimensions = dimensionSets[plan[from].dimensions];
      connections[`in${k}`] = {
        kind: 'input',
        datasetType: `made${from}`,
        dimensions,
        storage: 'S',
        multiple: true,
        minimum: input.minimum,
      };
    }
    // each task has an overall input of its own, so that every component is constrained by something
    connections.anchor = {
      kind: 'input',
      datasetType: 'anchor',
      dimensions: dimensionSets[3],
      storage: 'S',
      multiple: true,
    };
    for (const [k, overall] of one.overall.entries()) {
      const kind = overall.prerequisite ? 'prerequisite' : 'input';
      // a prerequisite is one dataset by the quantum's own dimensions
      const dimensions = dimensionSets[overall.prerequisite ? one.dimensions : overall.dimensions];
      const within = required(dimensions).every((name) => universe.conform(dimensionSets[one.dimensions]).has(name));
      const datasetType = overall.prerequisite ? `pre${i}` : `over${overall.dimensions}`;
      connections[`over${k}`] = {
        kind,
        datasetType,
        dimensions,
        storage: 'S',
        // One at most, by the quantum's own values: some say so.
        multiple: !within || k === 0,
        minimum: Math.min(overall.minimum, overall.prerequisite || (within && k > 0) ? 1 : 2),
      };
    }
    if (one.reference !== undefined)
      connections.reference = {
        kind: 'prerequisite',
        datasetType: 'stars',
        dimensions: ['htm7'],
        storage: 'S',
        multiple: true,
        minimum: one.reference,
      };
    if (one.calibration !== undefined) {
      const { minimum, byDetector } = one.calibration;
      connections.calibration = {
        kind: 'prerequisite',
        datasetType: byDetector ? 'calibD' : 'calibI',
        dimensions: byDetector ? ['instrument', 'detector'] : ['instrument'],
        storage: 'S',
        multiple: true,
        minimum,
        isCalibration: true,
      };
    }
    tasks[`t${i}`] = {
      name: `t${i}`,
      dimensions: dimensionSets[one.dimensions],
      connections,
      config: z.object({}),
      run: () => ({}),
    };
  }
  return tasks;
}

function asText(graph: ColumnGraph) {
  const text = { quanta: [] as string[], inputs: [] as string[], outputs: [] as string[] };
  for (let q = 0; q < graph.quantumCount; q++) {
    const task = graph.tasks[graph.taskOf(q)];
    const name = `${task.label}|${key(graph.quantumDataId(q), required(task.declaration.dimensions))}`;
    text.quanta.push(name);
    for (let i = graph.inputOffsets[q]; i < graph.inputOffsets[q + 1]; i++) {
      const one = graph.dataset(graph.inputDatasets[i]);
      const type = graph.datasetTypes[graph.typeOf(one.row)];
      const id = one.producer === undefined ? `|${one.id}` : '';
      if (one.producer !== undefined) expect(one.run).toBe('o');
      text.inputs.push(
        `${name} <- ${task.inputNames[graph.inputConnections[i]]}:${one.datasetType}|${key(one.dataId, required(type.dimensions))}${id}`,
      );
    }
    for (let i = graph.outputOffsets[q]; i < graph.outputOffsets[q + 1]; i++) {
      const one = graph.dataset(graph.outputDatasets[i]);
      const type = graph.datasetTypes[graph.typeOf(one.row)];
      text.outputs.push(`${name} => ${one.datasetType}|${key(one.dataId, required(type.dimensions))}`);
    }
  }
  return text;
}

/** More of them: `SKYMILL_CASES=20000`. */
const cases = Number(process.env['SKYMILL_CASES'] ?? 2000);

interface Narrowed {
  where: ((row: DataId) => boolean) | undefined;
  tables: DataIdColumns[] | undefined;
  naive: Pick<NaiveOptions, 'constraint' | 'considered'>;
}

/** An expression, tables of data IDs, and which inputs have to be there. */
function narrowedBy(dice: Iterator<number>, pipeline: ResolvedPipeline): Narrowed {
  const roll = () => dice.next().value as number;
  const last = roll();
  const where = last < 3 ? (row: DataId) => (row['visit'] as number) <= last + 1 : undefined;
  const tables =
    roll() < 3 ? [table(['instrument', 'visit'], roll), table(['instrument', 'detector'], roll)] : undefined;
  const inputs = [...pipeline.datasetTypes.values()].filter(
    (type) => type.producer === undefined && !type.isInit && type.consumers.some((one) => !one.prerequisite),
  );
  const kind = roll();
  const constraint = kind < 6 ? undefined : kind < 7 ? 'off' : inputs.filter(() => roll() < 5).map((type) => type.name);
  if (where === undefined && tables === undefined) return { where, tables, naive: { constraint } };
  const listed = (tables ?? []).map(({ dimensions, columns, rows }) => {
    const names = dimensions as string[];
    const found = Array.from({ length: rows }, (_, i) => names.map((name) => JSON.stringify(columns[name][i])).join());
    return (row: DataId) => found.includes(key(row, names));
  });
  const considered = (row: DataId) => (where?.(row) ?? true) && listed.every((isListed) => isListed(row));
  return { where, tables, naive: { constraint, considered } };
}

function table(dimensions: [string, string], roll: () => number): DataIdColumns {
  const values = [...new Set([roll() % 5, roll() % 5, roll() % 5, roll() % 5])];
  const columns = { [dimensions[0]]: values.map(() => 'Cam'), [dimensions[1]]: values };
  return { rows: values.length, dimensions, columns };
}

describe('the builder against nested loops', () => {
  test(
    'same quanta, same edges, same datasets on random repositories and pipelines',
    async () => {
      let compared = 0;
      let pruned = 0;
      let [skipped, rerun, calibrated, spilled, matched, narrowed, replaced, refused] = [0, 0, 0, 0, 0, 0, 0, 0];
      await fc.assert(
        fc.asyncProperty(
          fc.array(planTask, { minLength: 1, maxLength: 5 }),
          relation,
          fc.infiniteStream(fc.nat(9)),
          async (plan, relationRows, dice) => {
            const rows = relationRows.map(({ visit, detector, patch }): DataId => {
              const band = visit % 2 === 1 ? 'g' : 'r';
              return {
                instrument: 'Cam',
                visit,
                detector,
                patch,
                tract: 1,
                skymap: 'sky',
                band,
                physical_filter: `${band}1`,
                day_obs: 1,
                htm7: 131_072 + ((visit + 2 * patch) % 5),
              };
            });
            const tasks = tasksOf(plan);
            const document = await loadPipelineText(
              JSON.stringify({
                description: 'd',
                tasks: Object.fromEntries(Object.keys(tasks).map((name) => [name, name])),
              }),
            );
            const pipeline = await resolvePipeline(document, async (name) => tasks[name], { universe });
            const stored: MemoryDataset[] = [];
            for (const type of pipeline.datasetTypes.values()) {
              if (type.producer !== undefined || type.isInit) continue;
              const dimensions = required(type.dimensions);
              if (type.isCalibration) {
                for (let k = 0; k < 6; k++) {
                  const [first, last] = [dice.next().value as number, dice.next().value as number];
                  const dataId = {
                    instrument: 'Cam',
                    ...(dimensions.includes('detector') ? { detector: last % 4 } : {}),
                  };
                  const timespan = { beginNs: BigInt(first) * 500n, endNs: BigInt(first + last) * 500n };
                  stored.push({ id: uuid(), type: type.name, dataId, collection: collections[first % 2], timespan });
                }
                continue;
              }
              for (const row of new Map(rows.map((one) => [key(one, dimensions), one])).values()) {
                for (const collection of collections) {
                  if ((dice.next().value as number) >= 7) continue;
                  const dataId = Object.fromEntries(dimensions.map((name) => [name, row[name]]));
                  stored.push({ id: uuid(), type: type.name, dataId, collection });
                }
              }
              // the type is known even where nothing of it is left
              stored.push({
                id: uuid(),
                type: type.name,
                dataId: Object.fromEntries(dimensions.map((name) => [name, 999])),
                collection: 'elsewhere',
              });
            }
            // Some quanta are done, and of these some results are still there.
            const skips = (dice.next().value as number) < 6;
            const retained = (dice.next().value as number) < 5 ? ['made0', 'made2', 't1_metadata'] : undefined;
            for (const type of skips ? pipeline.datasetTypes.values() : []) {
              if (type.producer === undefined || type.isInit || type.name.endsWith('_log')) continue;
              const dimensions = required(type.dimensions);
              for (const row of new Map(rows.map((one) => [key(one, dimensions), one])).values()) {
                if ((dice.next().value as number) >= 5) continue;
                const dataId = Object.fromEntries(dimensions.map((name) => [name, row[name]]));
                stored.push({ id: uuid(), type: type.name, dataId, collection: 'prior' });
              }
            }
            const narrow = narrowedBy(dice, pipeline);
            // Some results stand in the output run already.
            const clobbers = (dice.next().value as number) < 3;
            const standing = new Map<string, string>();
            for (const type of clobbers || (dice.next().value as number) === 0 ? pipeline.datasetTypes.values() : []) {
              if (type.producer === undefined || type.isInit) continue;
              for (const row of rows.slice(0, 3)) {
                if ((dice.next().value as number) >= 3) continue;
                const dataId = Object.fromEntries(required(type.dimensions).map((name) => [name, row[name]]));
                const name = `${type.name}|${key(dataId, required(type.dimensions))}`;
                if (standing.has(name)) continue;
                standing.set(name, uuid());
                stored.push({ id: standing.get(name) as string, type: type.name, dataId, collection: 'o' });
              }
            }
            const visits = [...new Set(rows.map((row) => row.visit as number))];
            const records = { visit: visits.map((id) => ({ instrument: 'Cam', id, timespan: timeOf(id) })) };
            const built = buildGraph(pipeline, new MemorySource(rows, stored, { records, where: narrow.where }), {
              inputs: collections,
              outputRun: 'o',
              allowEmpty: true,
              clobberOutputs: clobbers,
              datasetConstraint: narrow.naive.constraint,
              dataIdTables: narrow.tables,
              ...(skips ? { skipExistingIn: ['prior'], retainedDatasetTypes: retained } : {}),
              // pages of 4 entries, most of which have to wait on disk
              columns: (dice.next().value as number) < 5 ? { limitBytes: 10_000, pageShift: 2 } : {},
            });
            const expected = naiveGraph(pipeline, rows, stored, collections, {
              timeOf,
              ...narrow.naive,
              ...(skips ? { collection: 'prior', retained } : {}),
            });
            const inTheWay = [...standing.keys()].some((dataset) => expected.written.has(dataset));
            if (inTheWay && !clobbers) {
              await expect(built).rejects.toMatchObject({ code: 'GRAPH_OUTPUTS_EXIST' });
              refused++;
              return;
            }
            const { graph, report } = await built;
            if ((report.spilledBytes ?? 0) > 0) spilled++;
            if (narrow.naive.considered !== undefined || narrow.naive.constraint !== undefined) narrowed++;
            const actual = asText(graph);
            for (const part of ['quanta', 'inputs', 'outputs'] as const)
              expect(actual[part].toSorted()).toEqual(expected[part].toSorted());
            // What is written again keeps the id that is registered.
            for (let row = 0; inTheWay && row < graph.datasetCount; row++) {
              const { datasetType, dataId, id, producer } = graph.dataset(row);
              if (producer === undefined) continue;
              const name = `${datasetType}|${key(dataId, required(graph.datasetTypes[graph.typeOf(row)].dimensions))}`;
              if (!standing.has(name)) continue;
              expect(id).toBe(standing.get(name));
              replaced++;
            }
            for (const task of report.tasks) expect(task.candidates).toBe(task.quanta + task.pruned + task.skipped);
            expect(report.pruned.reduce((sum, one) => sum + one.count, 0)).toBe(
              report.tasks.reduce((sum, one) => sum + one.pruned, 0),
            );
            // every quantum after all it waits for
            const { offsets, quanta } = graph.dependencies();
            for (let q = 0; q < graph.quantumCount; q++)
              for (let i = offsets[q]; i < offsets[q + 1]; i++) expect(quanta[i]).toBeLessThan(q);
            if (graph.quantumCount > 0) compared++;
            if (report.pruned.length > 0) pruned++;
            if (report.skipped.length > 0) skipped++;
            if (report.rerun.length > 0) rerun++;
            if (actual.inputs.some((one) => one.includes('calib'))) calibrated++;
            if (actual.inputs.some((one) => one.includes('stars'))) matched++;
            expect(report.skipped.reduce((sum, one) => sum + one.count, 0)).toBe(
              report.tasks.reduce((sum, one) => sum + one.skipped, 0),
            );
          },
        ),
        { numRuns: cases, seed: 20260101 },
      );
      // The cases are of all kinds.
      const share = Object.entries({
        compared,
        pruned,
        skipped,
        rerun,
        calibrated,
        spilled,
        matched,
        narrowed,
        replaced,
        refused,
      });
      expect(share.filter(([, count]) => count < cases / 50)).toEqual([]);
    },
    10_000 + 200 * cases,
  );
});

describe('columns', () => {
  const column = fc.array(fc.nat(5), { minLength: 0, maxLength: 40 });
  test('grouping is what sorting keys gives, also past 2^53', () => {
    fc.assert(
      fc.property(fc.array(column, { minLength: 1, maxLength: 6 }), fc.boolean(), (columns, wide) => {
        const rows = Math.min(...columns.map((one) => one.length));
        const cardinality = wide ? 4_000_000_000 : 6;
        const values = columns.map((one) =>
          Uint32Array.from(one.slice(0, rows), (value) => (wide ? value * 700_000_000 : value)),
        );
        const groups = groupRows(
          values.map((one) => ({ values: one, cardinality })),
          rows,
        );
        const keys = Array.from({ length: rows }, (_, i) =>
          values.map((one) => String(one[i]).padStart(12, '0')).join(),
        );
        const distinct = [...new Set(keys)].sort();
        expect(groups.count).toBe(distinct.length);
        expect([...groups.of]).toEqual(keys.map((one) => distinct.indexOf(one)));
        expect([...groups.first]).toEqual(distinct.map((one) => keys.indexOf(one)));
      }),
    );
  });

  test('matching finds equal keys only', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(50)), fc.array(fc.nat(60)), (left, right) => {
        const [a, b] = [Uint32Array.from(left), Uint32Array.from(right)];
        expect([...matchRows([a], a.length, [b], b.length, [61])]).toEqual(right.map((value) => left.indexOf(value)));
      }),
    );
  });

  test('turning lists round twice gives them back', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(fc.nat(9), fc.nat(7)), { selector: String }), (pairs) => {
        const sorted = pairs.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);
        const csr = csrFromPairs(
          Uint32Array.from(sorted, (p) => p[0]),
          Uint32Array.from(sorted, (p) => p[1]),
          10,
        );
        expect(transpose(transpose(csr, 8), 10)).toEqual(csr);
      }),
    );
  });

  test('ids lead back to rows, are UUIDv7, ascend, and are no one else’s', () => {
    const [graph, other] = [newGraphId(), newGraphId()];
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.constantFrom('quantum' as const, 'dataset' as const),
        (row, kind) => {
          const id = rowUuid(graph, kind, row);
          expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
          expect(uuidRow(graph, kind, id)).toBe(row);
          expect(uuidRow(graph, kind === 'quantum' ? 'dataset' : 'quantum', id)).toBeUndefined();
          expect(uuidRow(other, kind, id)).toBeUndefined();
          if (row > 0) expect(rowUuid(graph, kind, row - 1) < id).toBe(true);
        },
      ),
    );
  });
});
