// SPDX-License-Identifier: BSD-3-Clause
// The scheduler core over a large graph, in a process of its own so that its memory is its own: prints one line of JSON.
import {
  createScheduler,
  type Instruction,
  type SchedulerEvent,
  schedulerGraph,
  step,
} from '../../src/run/scheduler/index.ts';
import { largeGraph } from './large-graph.ts';

const [quanta, workers, wallSeconds] = process.argv.slice(2).map(Number);

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};
/** Bytes of arrays and of objects that are in use. */
const usedBytes = (): number => {
  globalThis.gc?.();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
};

const graph = largeGraph(quanta);
const linkBytes = usedBytes();
let from = cpuSeconds();
const numbers = schedulerGraph(graph, { cores: 1, memoryBytes: 1e9, limitFactor: 10 });
const edgeSeconds = cpuSeconds() - from;
const edgeBytes = usedBytes() - linkBytes;

from = cpuSeconds();
const before = usedBytes();
const state = createScheduler(numbers, { cores: workers, memoryBytes: workers * 1e9 });
const createSeconds = cpuSeconds() - from;
const stateBytes = usedBytes() - before;

let events = 0;
let failures = 0;
/** Given to workers and not ended yet: a ring, so that the measuring itself takes no room. */
const given: (Extract<Instruction, { type: 'dispatch' }> | undefined)[] = new Array(1 << 16);
let [head, tail] = [0, 0];
const send = (event: SchedulerEvent): void => {
  events++;
  for (const instruction of step(state, event))
    if (instruction.type === 'dispatch') given[tail++ & 0xffff] = instruction;
};
from = cpuSeconds();
for (let worker = 0; worker < workers; worker++) send({ type: 'workerReady', worker });
send({ type: 'start' });
const startSeconds = cpuSeconds() - from;
let middleBytes = 0;
from = cpuSeconds();
let ended = 0;
for (; head < tail; head++) {
  const { worker, quantum, attempt } = given[head & 0xffff]!;
  send({ type: 'attemptStarted', worker, quantum, nowSeconds: ended });
  // One in a thousand runs out of memory first; one in ten thousand leaves a product out.
  if (quantum % 1000 === 7 && attempt === 1) {
    failures++;
    const cause = { kind: 'outOfMemory', message: 'out of memory', signature: 'outOfMemory' } as const;
    send({ type: 'attemptEnded', worker, quantum, outcome: 'failed', cause, wallSeconds, peakMemoryBytes: 1e9 });
  } else {
    const missing = quantum % 10_000 === 3 ? [graph.quantumOutputs(quantum)[0].dataset] : undefined;
    send({ type: 'attemptEnded', worker, quantum, outcome: 'done', missing, wallSeconds });
    if (++ended === graph.quantumCount >> 1) {
      const pause = cpuSeconds();
      middleBytes = usedBytes() - before;
      from += cpuSeconds() - pause;
    }
  }
}
const runSeconds = cpuSeconds() - from;
if (!state.finished) throw new Error('the simulated run did not end');
process.stdout.write(
  `${JSON.stringify({
    quanta: graph.quantumCount,
    edges: numbers.dependencies.length,
    events,
    failures,
    edgeSeconds,
    createSeconds,
    startSeconds,
    eventsPerSecond: events / runSeconds,
    linkBytes: linkBytes / graph.quantumCount,
    edgeBytes: edgeBytes / graph.quantumCount,
    stateBytes: Math.max(stateBytes, middleBytes) / graph.quantumCount,
    peakBytes: process.resourceUsage().maxRSS * 1024,
  })}\n`,
);
