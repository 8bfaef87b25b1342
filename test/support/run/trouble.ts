// SPDX-License-Identifier: BSD-3-Clause
import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, statSync, truncateSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { NoWorkFound, type TaskLog, UnprocessableData } from '../../../src/pipeline/index.ts';

/** What tasks of tests do wrong when they are told to, by cell. */
export const WRONG_GIFTS = [
  'text',
  'function',
  'nothing',
  'undeclared',
  'promise',
  'array',
  'noObject',
  'unwritable',
  'cut',
  'nan',
] as const;

export const trouble = z.object({
  /** Cells (htm7 values) on which the named thing happens. `once`: only if `markers/<what>-<cell>` is not there yet. */
  throw: z.array(z.number()).default([]),
  unprocessable: z.array(z.number()).default([]),
  noWork: z.array(z.number()).default([]),
  exit: z.array(z.number()).default([]),
  killOnce: z.array(z.number()).default([]),
  /** Its worker dies when the outputs are written and before anybody hears that they are in place. */
  killInCommitOnce: z.array(z.number()).default([]),
  heapOnce: z.array(z.number()).default([]),
  /** Computes for ever. */
  hang: z.array(z.number()).default([]),
  /** Waits for what never comes; `stopOnce`: its process is stopped, the first time. */
  wait: z.array(z.number()).default([]),
  waitOnce: z.array(z.number()).default([]),
  stopOnce: z.array(z.number()).default([]),
  /** Starts processes: in the group of the worker, in a session of their own, and orphans. With `once` the worker then dies. */
  fork: z.array(z.number()).default([]),
  /** Starts a process that computes and takes memory, and waits for it. */
  eat: z.array(z.number()).default([]),
  forkAndDieOnce: z.array(z.number()).default([]),
  /** Prints `floodBytes`, by every way there is; numbered lines, so that what is kept can be told. With `floodAndDie` it ends itself then. */
  flood: z.array(z.number()).default([]),
  floodBytes: z.number().default(0),
  floodAndDie: z.boolean().default(false),
  /** Writes into its scratch folder until there is no space. */
  fillScratch: z.array(z.number()).default([]),
  /** SIGTERM means nothing from here on, and it computes for ever. */
  deaf: z.array(z.number()).default([]),
  /** Takes more and more memory beside the heap; `leakOnce` only the first time. */
  leak: z.array(z.number()).default([]),
  leakOnce: z.array(z.number()).default([]),
  half: z.array(z.number()).default([]),
  print: z.array(z.number()).default([]),
  killInInit: z.boolean().default(false),
  markers: z.string().default(''),
  /** By what it gives, the cell that gives it. */
  gives: z.partialRecord(z.enum(WRONG_GIFTS), z.number()).default({}),
  sleepMs: z.number().default(0),
  /** Computes for so long. */
  busyMs: z.number().default(0),
  /** Size of the second output. */
  bytes: z.number().default(0),
});
/** What a task has of its context for this. */
export interface TaskSurroundings {
  log: TaskLog;
  readonly scratch: string;
}

export type Trouble = z.infer<typeof trouble>;

/** Of the process: for an undisturbed run nothing goes wrong; for one that is to be repeated, everything goes wrong once. */
const calm = process.env['TEST_CALM'] === '1';
const onlyOnce = process.env['TEST_ONCE'] === '1';

/** True the first time it is asked, in any process. */
export function once({ markers }: Pick<Trouble, 'markers'>, what: string): boolean {
  if (calm) return false;
  const marker = join(markers || process.env['TEST_MARK']!, what);
  if (existsSync(marker)) return false;
  closeSync(openSync(marker, 'w'));
  return true;
}

export async function misbehave(cell: number, c: Trouble, context: TaskSurroundings): Promise<void> {
  if (c.sleepMs > 0) await new Promise((resolve) => setTimeout(resolve, c.sleepMs));
  for (const from = performance.now(); performance.now() - from < c.busyMs; );
  const now = (what: keyof Trouble, cells: readonly number[], first = onlyOnce): boolean =>
    !calm && cells.includes(cell) && (!first || once(c, `${what}-${cell}`));
  if (now('print', c.print)) {
    console.log(`printed to output by ${cell}`);
    console.error(`printed to error by ${cell}`);
  }
  if (now('throw', c.throw)) throw new Error(`cell ${cell} is no good`);
  if (now('unprocessable', c.unprocessable)) throw new UnprocessableData(`cell ${cell} cannot be processed`);
  if (now('noWork', c.noWork)) throw new NoWorkFound(`cell ${cell} is empty`);
  if (now('exit', c.exit)) process.exit(7);
  if (now('killOnce', c.killOnce, true)) process.kill(process.pid, 'SIGKILL');
  // The next turn of the event loop comes when the task has returned; what is in place is told in a later one.
  if (now('killInCommitOnce', c.killInCommitOnce, true)) setImmediate(() => process.kill(process.pid, 'SIGKILL'));
  if (now('heapOnce', c.heapOnce, true)) fillHeap();
  if (now('leak', c.leak) || now('leakOnce', c.leakOnce, true)) await leakMemory();
  if (now('wait', c.wait) || now('waitOnce', c.waitOnce, true)) await forEver();
  if (now('stopOnce', c.stopOnce, true)) process.kill(process.pid, 'SIGSTOP');
  if (now('fork', c.fork)) startProcesses();
  if (now('eat', c.eat)) eat();
  if (now('forkAndDieOnce', c.forkAndDieOnce, true)) {
    startProcesses();
    process.kill(process.pid, 'SIGKILL');
  }
  if (now('flood', c.flood)) flood(c.floodBytes / 5, context.log);
  if (c.floodAndDie && now('floodAndDie', c.flood, true)) process.kill(process.pid, 'SIGKILL');
  if (now('fillScratch', c.fillScratch)) fillScratch(context.scratch);
  if (now('deaf', c.deaf)) {
    process.removeAllListeners('SIGTERM');
    process.on('SIGTERM', () => {});
    for (;;) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  if (now('hang', c.hang)) for (;;);
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

/** What a task gives instead of what it should. */
export async function spoil(
  outputs: Record<string, unknown>,
  cell: number,
  { gives, markers }: Trouble,
): Promise<Record<string, unknown>> {
  const given = WRONG_GIFTS.find((gift) => gives[gift] === cell);
  if (given === undefined || calm || (onlyOnce && given !== 'cut' && !once({ markers }, `gives-${cell}`)))
    return outputs;
  const [name] = Object.keys(outputs);
  if (given === 'text') return { ...outputs, [name]: 'a text' };
  if (given === 'function') return { ...outputs, [name]: () => 1 };
  if (given === 'nothing') return {};
  if (given === 'undeclared') return { ...outputs, numbr: 1 };
  if (given === 'promise') return { ...outputs, [name]: Promise.resolve(outputs[name]) };
  if (given === 'array') return [outputs[name]] as unknown as Record<string, unknown>;
  if (given === 'noObject') return 'done' as unknown as Record<string, unknown>;
  if (given === 'nan') return { ...outputs, [name]: { cell, value: Number.NaN } };
  if (given === 'unwritable') {
    const object = { cell };
    Object.defineProperty(object, 'value', {
      enumerable: true,
      get() {
        throw new RangeError('there is no value');
      },
    });
    return { ...outputs, [name]: object };
  }
  if (given === 'cut' && once({ markers }, `cut-${cell}`))
    cutNextFile(join(markers || process.env['TEST_MARK']!, 'repo'));
  return outputs;
}

/** Somebody else cuts the first unfinished file that appears in a repository, before its bytes are on the disk. */
function cutNextFile(root: string): void {
  const watcher = watch(root, { recursive: true }, (_event, name) => {
    if (name === null || !/number_\d+.*\.part$|\.number.*\.part$/.test(name)) return;
    const path = join(root, name);
    if (!existsSync(path) || statSync(path).size < 2) return;
    truncateSync(path, 1);
    watcher.close();
  });
}

/** @throws ENOSPC, on a disk of less than 100 MB */
function fillScratch(folder: string): void {
  for (let i = 0; i < 100; i++) writeFileSync(join(folder, `${i}`), Buffer.alloc(1e6));
}

function eat(): void {
  const code =
    'const b = Buffer.alloc(250e6, 1); while (process.cpuUsage().user < 600e3) for (let i = 0; i < 1e7; i++); process.exitCode = b[7] - 1';
  const { status } = spawnSync(process.execPath, ['-e', code], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`the process ended with ${status}`);
}

function flood(bytes: number, log: TaskLog): void {
  const padding = 'x'.repeat(80);
  const count = Math.floor(bytes / 100);
  for (let i = 0; i < count; i++) console.log(`printed ${i} ${padding}`);
  for (let i = 0; i < count; i++) console.error(`complained ${i} ${padding}`);
  for (let i = 0; i < count; i++) log.info(`logged ${i} ${padding}`);
  console.log('z'.repeat(bytes));
  const { status } = spawnSync(
    'sh',
    ['-c', `head -c ${Math.floor(2 * bytes)} /dev/zero | tr '\\0' c; echo end of child >&2`],
    {
      stdio: 'inherit',
    },
  );
  if (status !== 0) throw new Error(`the child ended with ${status}`);
  log.info('end of flood');
}

/** A promise that nobody keeps does not keep a process alive; a timer does. */
function forEver(): Promise<never> {
  return new Promise(() => setInterval(() => {}, 60_000));
}

/** Sleepers that outlive who started them: a child, one that leads its own session, and one whose parent is gone. */
function startProcesses(): void {
  const quiet = { stdio: 'ignore' } as const;
  spawn('sleep', ['1000'], quiet).unref();
  spawn('sleep', ['1001'], { ...quiet, detached: true }).unref();
  spawnSync('sh', ['-c', 'setsid sleep 1002 & exit 0'], quiet);
}
