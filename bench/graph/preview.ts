// SPDX-License-Identifier: BSD-3-Clause
// One build of the graph of a data preview in a process of its own, so that its memory is its own: prints one line of JSON.
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { columnNames } from '../../src/graph/file/write.ts';
import { buildGraph, type ColumnGraph, openGraph, writeGraph } from '../../src/graph/index.ts';
import { planned } from './pipelines.ts';
import { PreviewSource } from './preview-source.ts';

const [exposures, tracts, memoryGb] = process.argv.slice(2).map(Number);

type Dimensions =
  | 'exposure detector'
  | 'visit detector'
  | 'visit'
  | 'tract patch visit'
  | 'tract patch band'
  | 'tract patch'
  | 'tract band'
  | 'visit detector tract';
/** Label: dimensions, then inputs (names of tasks, `raw`, or a calibration). Seven steps of a data release. */
const plan: Record<string, [Dimensions, ...string[]]> = {
  // 1: single frames
  isr: ['exposure detector', 'raw', 'bias', 'flat'],
  characterize: ['visit detector', 'isr'],
  calibrate: ['visit detector', 'characterize'],
  writeSource: ['visit detector', 'calibrate'],
  transformSource: ['visit detector', 'writeSource'],
  visitSummary: ['visit', 'calibrate'],
  visitTable: ['visit', 'transformSource'],
  // 2: global calibration, put back on every detector
  finalizePsf: ['visit', 'visitTable', 'visitSummary'],
  recalibrate: ['visit detector', 'calibrate', 'finalizePsf'],
  // 3: coadds
  makeWarp: ['tract patch visit', 'recalibrate', 'finalizePsf'],
  assembleCoadd: ['tract patch band', 'makeWarp'],
  detectCoadd: ['tract patch band', 'assembleCoadd'],
  mergeDetections: ['tract patch', 'detectCoadd'],
  deblend: ['tract patch band', 'assembleCoadd', 'mergeDetections'],
  measure: ['tract patch band', 'deblend', 'assembleCoadd'],
  mergeMeasurements: ['tract patch', 'measure'],
  forcedCoadd: ['tract patch band', 'assembleCoadd', 'mergeMeasurements'],
  objectTable: ['tract patch', 'forcedCoadd'],
  // 4: differences
  getTemplate: ['visit detector', 'recalibrate', 'assembleCoadd'],
  subtract: ['visit detector', 'recalibrate', 'getTemplate'],
  detectDifference: ['visit detector', 'subtract'],
  measureDifference: ['visit detector', 'subtract', 'detectDifference'],
  scoreDifference: ['visit detector', 'measureDifference'],
  transformDifference: ['visit detector', 'scoreDifference'],
  // 5: forced photometry on visits
  forcedVisit: ['visit detector tract', 'recalibrate', 'mergeMeasurements'],
  forcedDifference: ['visit detector tract', 'subtract', 'mergeMeasurements'],
  // 6 and 7: tables
  writeForced: ['visit detector tract', 'forcedVisit', 'forcedDifference'],
  coaddDepth: ['tract band', 'assembleCoadd'],
};

/** Of all columns and values, not of ids: the same for the same graph. */
function columnsDigest({ index, parts }: ColumnGraph): string {
  const digest = createHash('sha256');
  const { tasks, datasetTypes, relations, links, records } = index;
  digest.update(JSON.stringify({ tasks, datasetTypes, relations, links, records }));
  for (const name of columnNames(index)) {
    const block = parts.block(name);
    for (let at = 0; at < block.rawBytes; at += 1 << 20)
      digest.update(block.read(at, Math.min(at + (1 << 20), block.rawBytes)));
  }
  for (const name of index.dimensions) digest.update(JSON.stringify(parts.values(name)));
  return digest.digest('hex');
}

const pipeline = await planned('a data preview', plan, {
  raw: { dimensions: 'exposure detector' },
  bias: { dimensions: 'instrument detector', prerequisite: 'calibration' },
  flat: { dimensions: 'instrument detector', prerequisite: 'calibration' },
})();
const dir = mkdtempSync(join(tmpdir(), 'skymill-preview-'));
const clock = (): (() => number) => {
  const from = performance.now();
  return () => (performance.now() - from) / 1000;
};
try {
  let elapsed = clock();
  const cpu = process.cpuUsage();
  const { graph, report } = await buildGraph(pipeline, new PreviewSource({ exposures, tracts }), {
    inputs: ['raw'],
    outputRun: 'run',
    memoryBytes: memoryGb === undefined ? undefined : memoryGb * 1e9,
  });
  const buildSeconds = elapsed();
  const used = process.cpuUsage(cpu);
  elapsed = clock();
  const path = join(dir, 'graph');
  const { sizeBytes } = await writeGraph(graph, path);
  const writeSeconds = elapsed();
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  elapsed = clock();
  const opened = await openGraph(path);
  const openSeconds = elapsed();
  // A job of 100 neighbouring quanta: what it needs to know of their inputs and outputs.
  const first = Math.floor(0.61 * opened.quantumCount);
  elapsed = clock();
  let read = 0;
  for (let q = first; q < first + 100; q++)
    for (const { dataset } of [...opened.quantumInputs(q), ...opened.quantumOutputs(q)])
      read += opened.dataset(dataset).id.length;
  const sliceSeconds = elapsed();
  const raws = graph.datasetTypes.find((type) => type.name === 'raw')!;
  const { id } = graph.dataset(raws.firstDataset + Math.floor(raws.datasetCount / 3));
  const fresh = await openGraph(path);
  elapsed = clock();
  const row = fresh.datasetByUuid(id);
  const findSeconds = elapsed();
  if (row === undefined || fresh.dataset(row).id !== id) throw new Error('the dataset was not found by its id');
  process.stdout.write(
    `${JSON.stringify({ quanta: graph.quantumCount, datasets: graph.datasetCount, buildSeconds, buildCpuSeconds: (used.user + used.system) / 1e6, writeSeconds, peakBytes, spilledBytes: report.spilledBytes, columnsDigest: columnsDigest(opened), sizeBytes, openSeconds, sliceSeconds, findSeconds, read, byTask: Object.fromEntries(graph.tasks.map((t) => [t.label, t.quantumCount])) })}\n`,
  );
} finally {
  rmSync(dir, { recursive: true });
}
