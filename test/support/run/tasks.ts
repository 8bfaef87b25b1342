// SPDX-License-Identifier: BSD-3-Clause
import { z } from 'zod';
import { defineTask, input, output, type TaskDefinition, type TaskResolver } from '../../../src/pipeline/index.ts';
import { exclusive } from './exclusive.ts';
import { imageTasks } from './image-tasks.ts';
import { misbehave, once, spoil, trouble } from './trouble.ts';

/**
 * Tasks for tests of execution. They compute something real (so that wrong or missing inputs show), and misbehave on the cells they are
 * told to. Data IDs are single HTM triangles, which need no records.
 */
const dimensions = ['htm7'];
const storage = 'StructuredDataDict';

const cellOf = (dataId: Readonly<Record<string, string | number>>) => Number(dataId.htm7);

export const makeNumber = defineTask({
  name: 'test.makeNumber',
  dimensions,
  connections: {
    schema: { kind: 'initOutput', datasetType: 'number_schema', storage },
    number: output('number', { dimensions, storage }),
    extra: output('extra', { dimensions, storage }),
  },
  config: trouble,
  init(config) {
    if (config.killInInit && once(config, 'init')) process.kill(process.pid, 'SIGKILL');
    return { schema: { columns: ['cell', 'value'] } };
  },
  async run(_inputs, context) {
    const { dataId, config, metric, log, caveat } = context;
    const cell = cellOf(dataId);
    await misbehave(cell, config, context);
    log.info(`making the number of ${cell}`);
    metric('cell', cell);
    if (config.half.includes(cell)) {
      caveat('partialOutputs', 'half of it');
      return { number: { cell, value: cell * 3 } };
    }
    const extra = { padding: 'x'.repeat(config.bytes || cell % 100) };
    return (await spoil({ number: { cell, value: cell * 3 }, extra }, cell, config)) as never;
  },
});

export const doubleNumber = defineTask({
  name: 'test.doubleNumber',
  dimensions,
  connections: {
    number: input('number', { dimensions, storage, deferred: true }),
    extra: input('extra', { dimensions, storage, minimum: 0 }),
    doubled: output('doubled', { dimensions, storage }),
  },
  config: trouble,
  async run({ number, extra }, context) {
    await misbehave(cellOf(context.dataId), context.config, context);
    const { value } = await number.get();
    return { doubled: { value: value * 2, hasExtra: extra !== undefined } };
  },
});

/** Reads what another quantum left of itself. */
export const readRecords = defineTask({
  name: 'test.readRecords',
  dimensions,
  connections: {
    metadata: input('make_metadata', { dimensions, storage: 'TaskMetadata' }),
    log: input('make_log', { dimensions, storage: 'ButlerLogRecords', deferred: true }),
    told: output('told', { dimensions, storage }),
  },
  config: trouble,
  async run({ metadata, log }, context) {
    await misbehave(cellOf(context.dataId), context.config, context);
    const messages = ((await log.get()) as { message: string }[]).map(({ message }) => message);
    return { told: { cell: metadata.make.cell, messages } };
  },
});

export const sumNumbers = defineTask({
  name: 'test.sumNumbers',
  dimensions,
  connections: {
    schema: { kind: 'initInput', datasetType: 'number_schema', storage },
    doubled: input('doubled', { dimensions, storage, multiple: true, minimum: 2 }),
    sum: output('sum', { dimensions, storage }),
  },
  config: trouble,
  async run({ schema, doubled }, context) {
    const { dataId, config, seed, inputDataIds } = context;
    await misbehave(cellOf(dataId), config, context);
    const total = doubled.reduce((sum: number, d: { value: number }) => sum + d.value, 0);
    return { sum: { total, seed, columns: schema.columns, cells: inputDataIds.doubled.map((d) => d.htm7) } };
  },
});

const perDetector = ['exposure', 'detector'];

/** Reads one number of a detector, and what the repository knows of its data ID. */
export const measure = defineTask({
  name: 'test.measure',
  dimensions: perDetector,
  connections: {
    raw: input('rawCount', { dimensions: perDetector, storage }),
    measured: output('measured', { dimensions: perDetector, storage }),
  },
  config: z.object({ factor: z.number().default(1).describe('what counts are multiplied by') }),
  run({ raw }, { config, records }) {
    const { detector, exposure } = records;
    const value = raw.count * config.factor;
    return { measured: { value, name: detector.full_name, filter: exposure.physical_filter, day: exposure.day_obs } };
  },
});

/** Adds the detectors of an exposure. */
export const total = defineTask({
  name: 'test.total',
  dimensions: ['exposure'],
  connections: {
    measured: input('measured', { dimensions: perDetector, storage, multiple: true, deferred: true }),
    total: output('total', { dimensions: ['exposure'], storage }),
  },
  config: z.object({}),
  async run({ measured }, { inputDataIds }) {
    const values = await Promise.all(
      measured.map(async (m: { get(): Promise<{ value: number }> }) => (await m.get()).value),
    );
    const sum = values.reduce((a: number, b: number) => a + b, 0);
    return { total: { total: sum, detectors: inputDataIds.measured.map((d) => d.detector) } };
  },
});

/** Does nothing and makes nothing: what is left is what running a quantum costs. */
export const nothing = defineTask({
  name: 'test.nothing',
  dimensions,
  connections: { never: output('never', { dimensions, storage, minimum: 0 }) },
  config: z.object({}),
  run: () => ({}),
});

/** Writes one small file and does nothing else. */
export const small = defineTask({
  name: 'test.small',
  dimensions: perDetector,
  connections: { made: output('made', { dimensions: perDetector, storage }) },
  config: z.object({}),
  run: (_inputs, { dataId }) => ({ made: { exposure: dataId.exposure, detector: dataId.detector } }),
});

const all: readonly TaskDefinition[] = [
  makeNumber,
  doubleNumber,
  sumNumbers,
  readRecords,
  measure,
  total,
  nothing,
  small,
  ...imageTasks,
] as unknown as TaskDefinition[];
export const resolveTestTask: TaskResolver = async (taskClass) => {
  const task = all.find((t) => t.name === taskClass);
  const watched = process.env['TEST_EXCLUSIVE'];
  return task === undefined || watched === undefined ? task : exclusive(task, watched);
};
