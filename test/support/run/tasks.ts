// SPDX-License-Identifier: BSD-3-Clause
import { closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import {
  defineTask,
  input,
  NoWorkFound,
  output,
  type TaskDefinition,
  type TaskResolver,
  UnprocessableData,
} from '../../../src/pipeline/index.ts';

/**
 * Tasks for tests of execution. They compute something real (so that wrong or missing inputs show), and misbehave on the cells they are
 * told to. Data IDs are single HTM triangles, which need no records.
 */
const dimensions = ['htm7'];
const storage = 'StructuredDataDict';

const trouble = z.object({
  /** Cells (htm7 values) on which the named thing happens. `once`: only if `markers/<what>-<cell>` is not there yet. */
  throw: z.array(z.number()).default([]),
  unprocessable: z.array(z.number()).default([]),
  noWork: z.array(z.number()).default([]),
  exit: z.array(z.number()).default([]),
  killOnce: z.array(z.number()).default([]),
  heapOnce: z.array(z.number()).default([]),
  hang: z.array(z.number()).default([]),
  /** Takes more and more memory beside the heap; `leakOnce` only the first time. */
  leak: z.array(z.number()).default([]),
  leakOnce: z.array(z.number()).default([]),
  half: z.array(z.number()).default([]),
  print: z.array(z.number()).default([]),
  killInInit: z.boolean().default(false),
  markers: z.string().default(''),
  sleepMs: z.number().default(0),
  /** Size of the second output. */
  bytes: z.number().default(0),
});
type Trouble = z.infer<typeof trouble>;

/** True the first time it is asked, in any process. */
function once({ markers }: Trouble, what: string): boolean {
  const marker = join(markers, what);
  if (existsSync(marker)) return false;
  closeSync(openSync(marker, 'w'));
  return true;
}

async function misbehave(cell: number, c: Trouble): Promise<void> {
  if (c.sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, c.sleepMs));
  if (c.print.includes(cell)) {
    console.log(`printed to output by ${cell}`);
    console.error(`printed to error by ${cell}`);
  }
  if (c.throw.includes(cell)) throw new Error(`cell ${cell} is no good`);
  if (c.unprocessable.includes(cell)) throw new UnprocessableData(`cell ${cell} cannot be processed`);
  if (c.noWork.includes(cell)) throw new NoWorkFound(`cell ${cell} is empty`);
  if (c.exit.includes(cell)) process.exit(7);
  if (c.killOnce.includes(cell) && once(c, `kill-${cell}`)) process.kill(process.pid, 'SIGKILL');
  if (c.heapOnce.includes(cell) && once(c, `heap-${cell}`)) fillHeap();
  if (c.leak.includes(cell) || (c.leakOnce.includes(cell) && once(c, `leak-${cell}`))) await leakMemory();
  if (c.hang.includes(cell)) for (;;);
}

function fillHeap(): never {
  const hoard: number[][] = [];
  for (;;) hoard.push(new Array(1e6).fill(hoard.length));
}

/** 16 MB every 10 ms, up to 4 GB: a test that does not end it fails, and the machine lives. */
async function leakMemory(): Promise<never> {
  const hoard: Buffer[] = [];
  while (hoard.length < 250) {
    hoard.push(Buffer.alloc(16e6, 1));
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('nobody ended the leak');
}

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
  async run(_inputs, { dataId, config, metric, log, caveat }) {
    const cell = cellOf(dataId);
    await misbehave(cell, config);
    log.info(`making the number of ${cell}`);
    metric('cell', cell);
    if (config.half.includes(cell)) {
      caveat('partialOutputs', 'half of it');
      return { number: { cell, value: cell * 3 } };
    }
    return { number: { cell, value: cell * 3 }, extra: { padding: 'x'.repeat(config.bytes || cell % 100) } };
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
  async run({ number, extra }, { dataId, config }) {
    await misbehave(cellOf(dataId), config);
    const { value } = await number.get();
    return { doubled: { value: value * 2, hasExtra: extra !== undefined } };
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
  async run({ schema, doubled }, { dataId, config, seed, inputDataIds }) {
    await misbehave(cellOf(dataId), config);
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

const all: readonly TaskDefinition[] = [
  makeNumber,
  doubleNumber,
  sumNumbers,
  measure,
  total,
  nothing,
] as unknown as TaskDefinition[];
export const resolveTestTask: TaskResolver = async (taskClass) => all.find((t) => t.name === taskClass);
