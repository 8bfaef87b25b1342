// SPDX-License-Identifier: BSD-3-Clause
// Quanta that do nothing but write one small dataset, through everything a real one passes: prints one line of JSON.
// `node empty-quanta.ts <exposures of 50 detectors> <jobs>`
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Butler } from '../../src/butler/index.ts';
import { buildGraph, candidateSource, openGraph, writeGraph } from '../../src/graph/index.ts';
import { loadPipelineText, resolvePipeline } from '../../src/pipeline/index.ts';
import { execute, RunFolder, readOutcomeLog } from '../../src/run/index.ts';
import { testWorker } from '../../test/support/run/campaign.ts';
import { resolveTestTask } from '../../test/support/run/tasks.ts';

const DETECTORS = 50;
const [exposures, jobs] = process.argv.slice(2).map(Number);
const root = await mkdtemp(join(tmpdir(), 'skymill-bench-'));
try {
  const butler = await Butler.create(join(root, 'repo'));
  await addExposures(butler);
  const pipeline = await resolvePipeline(
    await loadPipelineText('description: one small file each\ntasks: {empty: test.small}\n', 'empty.yaml'),
    resolveTestTask,
    { universe: butler.universe },
  );
  await butler.registerCollection('raws', 'RUN');
  const outputRun = 'bench/1';
  const built = await buildGraph(pipeline, candidateSource(butler), {
    inputs: ['raws'],
    output: 'bench',
    outputRun,
    where: "instrument = 'Cam'",
  });
  const { header, id } = built.graph;
  const { createdAt, inputs, where } = header;
  const info = { run: outputRun, graphId: id, createdAt, inputs, where, pipeline: 'empty.yaml' };
  const folder = RunFolder.create(butler.root, info);
  await writeGraph(built.graph, folder.graphPath);

  const calledUnixMs = Date.now();
  const cpu = cpuSeconds();
  const graph = await openGraph(folder.graphPath);
  const summary = await execute(graph, butler, { worker: testWorker, jobs, scratchRoot: root });
  const after = cpuSeconds();
  if (summary.exitCode !== 0) throw new Error(`the run ended with ${summary.exitCode}`);
  let firstUnixMs = Number.POSITIVE_INFINITY;
  let endUnixMs = 0;
  let written = 0;
  for (const record of readOutcomeLog(folder.outcomesPath)) {
    if (record.type === 'attempt') firstUnixMs = Math.min(firstUnixMs, record.startedUnixMs);
    if (record.type === 'attempt') written += record.usage.bytesWritten;
    if (record.type === 'runEnded') endUnixMs = record.endedUnixMs;
  }
  const quanta = graph.quantumCount;
  const perQuantum = (seconds: number) => (seconds / quanta) * 1e6;
  const line = {
    quanta,
    outputs: summary.registered,
    bytesWritten: written,
    /** From the start of the first quantum until the last output was registered and the run had ended. */
    perSecond: quanta / ((endUnixMs - firstUnixMs) / 1e3),
    firstQuantumSeconds: (firstUnixMs - calledUnixMs) / 1e3,
    controllerUserMicros: perQuantum(after.ownUser - cpu.ownUser),
    controllerSystemMicros: perQuantum(after.ownSystem - cpu.ownSystem),
    workersUserMicros: perQuantum(after.childrenUser - cpu.childrenUser),
    workersSystemMicros: perQuantum(after.childrenSystem - cpu.childrenSystem),
    machineMicros: perQuantum(after.machine - cpu.machine),
  };
  process.stdout.write(`${JSON.stringify(line)}\n`);
  await butler.close();
} finally {
  if (process.env['KEEP'] === undefined) rmSync(root, { recursive: true });
  else writeFileSync(process.env['KEEP'], root);
}

/** CPU seconds of this process, of its ended children, and of the whole machine (proc(5); ticks of 10 ms). */
function cpuSeconds() {
  const { user, system } = process.cpuUsage();
  const own = readFileSync('/proc/self/stat', 'latin1');
  const fields = own.slice(own.lastIndexOf(')') + 2).split(' ');
  const [u, nice, s, , , irq, softirq] = readFileSync('/proc/stat', 'latin1').split('\n')[0].split(/\s+/).slice(1);
  return {
    ownUser: user / 1e6,
    ownSystem: system / 1e6,
    childrenUser: Number(fields[13]) / 100,
    childrenSystem: Number(fields[14]) / 100,
    machine: [u, nice, s, irq, softirq].reduce((sum, ticks) => sum + Number(ticks), 0) / 100,
  };
}

async function addExposures(butler: Butler): Promise<void> {
  const instrument = 'Cam';
  const many = Array.from({ length: exposures }, (_, i) => i + 1);
  const name = (id: number) => `Cam${String(id).padStart(8, '0')}`;
  await butler.insertRecords('instrument', [
    {
      name: instrument,
      visit_max: 1e6,
      visit_system: 0,
      exposure_max: 1e6,
      detector_max: DETECTORS,
      class_name: 'Cam',
    },
  ]);
  await butler.insertRecords(
    'detector',
    Array.from({ length: DETECTORS }, (_, d) => ({ instrument, id: d, full_name: `D${d}`, purpose: 'SCIENCE' })),
  );
  await butler.insertRecords('physical_filter', [{ instrument, name: 'Cam-R', band: 'r' }]);
  await butler.insertRecords('day_obs', [{ instrument, id: 20230523 }]);
  await butler.insertRecords(
    'group',
    many.map((id) => ({ instrument, name: name(id) })),
  );
  await butler.insertRecords(
    'exposure',
    many.map((id) => ({
      instrument,
      id,
      obs_id: name(id),
      physical_filter: 'Cam-R',
      day_obs: 20230523,
      group: name(id),
      observation_type: 'science',
      exposure_time: 30,
    })),
  );
}
