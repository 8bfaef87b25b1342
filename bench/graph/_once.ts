// SPDX-License-Identifier: BSD-3-Clause
// node build-once.ts ROOT PIPELINE OPTIONS FILE: one build over a repository in a process of its own, so that nothing is warm and its
// memory is its own. Writes the graph to FILE, opens it again, prints one line of JSON.
import { Butler } from '../../src/butler/index.ts';
import { buildGraph } from "../../src/graph/build/build.ts"; import { candidateSource } from "../../src/graph/build/candidate-source.ts"; import { openGraph } from "../../src/graph/file/open.ts"; import { writeGraph } from "../../src/graph/file/write.ts";
import { chain, release } from './pipelines.ts';

/** What it prints. */
export interface BuiltOnce {
  quanta: number;
  byTask: Record<string, number>;
  questions: number;
  statements: number;
  skipped: number;
  buildSeconds: number;
  /** Of processor time in this process: on a busy machine more telling than the clock. */
  buildCpuSeconds: number;
  writeSeconds: number;
  openSeconds: number;
  edgesSeconds: number;
  sizeBytes: number;
  /** Most memory of the process, and what it had before the build. */
  peakBytes: number;
  beforeBytes: number;
}

const [root, name, optionText, file] = process.argv.slice(2);
const pipeline = await (name === 'chain' ? chain() : release());
const butler = await Butler.open(root);
const seconds = async <T>(run: () => Promise<T>): Promise<[number, T]> => {
  const from = performance.now();
  const result = await run();
  return [(performance.now() - from) / 1000, result];
};
const statements = butler.registry.db.statementCount;
const beforeBytes = process.memoryUsage().rss;
const cpu = process.cpuUsage();
const [buildSeconds, { graph, report }] = await seconds(() =>
  buildGraph(pipeline, candidateSource(butler), JSON.parse(optionText) as Parameters<typeof buildGraph>[2]),
);
const used = process.cpuUsage(cpu);
const asked = butler.registry.db.statementCount - statements;
const [writeSeconds, { sizeBytes }] = await seconds(() => writeGraph(graph, file));
const peakBytes = process.resourceUsage().maxRSS * 1024;
const [openSeconds, opened] = await seconds(() => openGraph(file));
const [edgesSeconds] = await seconds(async () => opened.dependents());
await butler.close();
const built: BuiltOnce = {
  quanta: graph.quantumCount,
  byTask: Object.fromEntries(graph.tasks.map((task) => [task.label, task.quantumCount])),
  questions: report.questions,
  statements: asked,
  skipped: report.tasks.reduce((sum, task) => sum + task.skipped, 0),
  buildSeconds,
  buildCpuSeconds: (used.user + used.system) / 1e6,
  writeSeconds,
  openSeconds,
  edgesSeconds,
  sizeBytes,
  peakBytes,
  beforeBytes,
};
process.stdout.write(`${JSON.stringify(built)}\n`);
