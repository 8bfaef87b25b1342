// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collectReport, formatReport, RunFolder } from '../../src/run/index.ts';
import { OutcomeLogWriter } from '../../src/run/outcomes/log.ts';
import type { AttemptRecord } from '../../src/run/outcomes/record.ts';
import { largeGraph } from './large-graph.ts';

/**
 * Writes the outcome log of a run of so many quanta (one in 500 fails once, one in 1000 for good, one in 50 ends with a caveat; three files each),
 * and measures how long a report of it takes. Prints one line of JSON: CPU seconds are of the collecting alone.
 */
const quanta = Number(process.argv[2] ?? 1e6);
const root = mkdtempSync(join(tmpdir(), 'skymill-report-scale-'));
try {
  const graph = largeGraph(quanta);
  const folder = RunFolder.create(root, {
    run: 'bench/report',
    graphId: graph.id,
    createdAt: '2026-01-01T00:00:00Z',
    inputs: [],
    where: '',
    pipeline: 'bench',
  });
  const records = write(folder.outcomesPath);
  const before = process.memoryUsage();
  graph.inputDatasets; // edges belong to the graph
  graph.outputDatasets;
  const cpu = process.cpuUsage();
  const from = performance.now();
  let ticks = 0;
  const report = collectReport(graph, folder, { onProgress: () => ticks++ });
  const wallSeconds = (performance.now() - from) / 1e3;
  const { user, system } = process.cpuUsage(cpu);
  const after = process.memoryUsage();
  const cpuSeconds = (user + system) / 1e6;
  const text = formatReport(report);
  console.log(
    JSON.stringify({
      records,
      quanta: graph.quantumCount,
      logBytes: statSync(folder.outcomesPath).size,
      wallSeconds,
      cpuSeconds,
      recordsPerCpuSecond: records / cpuSeconds,
      heapBytes: after.heapUsed - before.heapUsed,
      arrayBytes: after.arrayBuffers - before.arrayBuffers,
      peakResidentBytes: process.resourceUsage().maxRSS * 1024,
      ticks,
      lines: text.split('\n').length,
    }),
  );
} finally {
  rmSync(root, { recursive: true });
}

function write(path: string): number {
  const graph = largeGraph(quanta);
  const log = OutcomeLogWriter.open(path, () => {});
  let records = 0;
  log.append({
    type: 'runStarted',
    version: 1,
    run: 'bench/report',
    graphId: graph.id,
    host: 'node1',
    pid: 1,
    startedUnixMs: 1.7e12,
    jobs: 64,
    memoryBytes: 1e11,
    skipped: 0,
  });
  for (let q = 0; q < graph.quantumCount; q++) {
    const attempts = q % 500 === 7 ? 2 : 1;
    for (let attempt = 1; attempt <= attempts; attempt++) {
      const failed = attempt < attempts || q % 10 === 3;
      log.append(recordOf(graph, q, attempt, failed, failed && attempt < attempts));
      if (++records % 1000 === 0) log.flush();
    }
  }
  log.close();
  return records;
}

function recordOf(
  graph: ReturnType<typeof largeGraph>,
  quantum: number,
  attempt: number,
  failed: boolean,
  retried: boolean,
): AttemptRecord {
  const { label } = graph.tasks[graph.taskOf(quantum)];
  const startedUnixMs = 1.7e12 + Math.floor(quantum / 64) * 1500;
  const wallSeconds = 0.5 + (quantum % 97) / 50;
  const dataId = { instrument: 'Camera', detector: quantum % 50, visit: Math.floor(quantum / 50) };
  return {
    type: 'attempt',
    quantum,
    quantumId: graph.quantumUuid(quantum),
    label,
    dataId,
    attempt,
    host: `node${quantum % 8}`,
    state: failed ? 'failed' : quantum % 50 === 11 ? 'doneWithCaveat' : 'done',
    decision: retried ? 'retry' : 'final',
    reason: failed && !retried ? 'noRetryRule' : 'none',
    rule: retried ? 'workerDied' : undefined,
    action: retried ? 'retry' : undefined,
    cause: failed
      ? { kind: 'exception', message: `no star in ${quantum}`, signature: 'Error: no star in ' + (quantum % 60), stack: 'Error\n at' }
      : undefined,
    workerPid: 1000 + (quantum % 64),
    startedUnixMs,
    endedUnixMs: startedUnixMs + 1e3 * wallSeconds,
    outputs: failed
      ? []
      : graph.quantumOutputs(quantum).map(({ dataset }) => ({
          dataset,
          file: {
            datasetId: graph.dataset(dataset).id,
            path: `bench/report/${label}/20260101/i/HSC-I/${quantum}/${label}_HSC_i_${quantum}_bench_report.fits`,
            formatter: 'skymill.formatters.Json',
            storageClass: 'StructuredDataDict',
            component: null,
            sizeBytes: 1000 + (quantum % 1000),
            checksum: '0123456789abcdef'.repeat(8),
          },
        })),
    usage: {
      wallSeconds,
      cpuUserSeconds: wallSeconds * 0.9,
      cpuSystemSeconds: 0.012345,
      peakMemoryBytes: 3e8 + (quantum % 1013) * 1e5,
      requestedCores: 1,
      requestedMemoryBytes: 5e8,
      bytesRead: 1e6 + quantum,
      bytesWritten: 3000,
      readSeconds: 0.012345678,
      writeSeconds: 0.0234567,
    },
    caveats: quantum % 50 === 11 && !failed ? [{ kind: 'partialOutputs', reason: 'half of it' }] : [],
    log: { file: `logs/worker-1-${quantum % 64}.log`, offset: 153 * quantum, length: 176 },
  };
}
