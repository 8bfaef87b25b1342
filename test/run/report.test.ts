// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { QuantumGraph } from '../../src/graph/index.ts';
import { collectReport, formatReport, type OutcomeRecord, type RunReport } from '../../src/run/index.ts';
import { attempt, began, ended, failure, frames, startUnixMs, writeRun } from '../support/run/written-run.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'skymill-report-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const exposures = 20;
const detectors = 10;
const graph = frames({ exposures, detectors });
const isr = Array.from({ length: exposures * detectors }, (_, q) => q);
const detectorOf = (quantum: number) => quantum % detectors;

function report(of: QuantumGraph, records: Iterable<OutcomeRecord>): RunReport {
  return collectReport(of, writeRun(root, of, records));
}

describe('the report of a run', () => {
  it('counts, times, memory and bytes by task, and what came of failures', () => {
    const records = [
      began(graph),
      ...isr.flatMap((q) => {
        if (q === 5) {
          const first = attempt(graph, q, failure('lost', { decision: 'retry', rule: 'again', action: 'retry' }));
          return [first, attempt(graph, q, { attempt: 2, usage: { wallSeconds: 3, peakMemoryBytes: 4e8 } })];
        }
        return [attempt(graph, q, q === 6 ? failure('no star in 6', { usage: undefined }) : {})];
      }),
      { type: 'blocked', quanta: [200], by: 6, reason: 'upstreamFailed', unixMs: startUnixMs } as const,
      ended(),
    ];
    const run = report(graph, records);
    const [task, summaries] = run.tasks;
    expect(task).toMatchObject({ quanta: 200, attempts: 201, retries: 1, counts: { done: 199, failed: 1 } });
    expect(task.wallSeconds).toMatchObject({ min: 1, median: 1, p95: 1, max: 3, total: 201 });
    expect(task.memory).toEqual({
      requestedBytes: 5e8,
      medianPeakBytes: 2e8,
      p95PeakBytes: 2e8,
      maxPeakBytes: 4e8,
    });
    expect(task.cpuEfficiency).toBeCloseTo((0.9 * 199) / 201);
    expect(task.badputSeconds).toBe(2);
    // Of 201 attempts each read a raw of 1000 bytes; 199 quanta made two files.
    expect(task).toMatchObject({ bytesRead: 201_000, inputBytes: 201_000, outputBytes: 398_000 });
    expect(task.slowest[0]).toEqual({ quantum: 5, wallSeconds: 3 });
    expect(task.largest[0]).toEqual({ quantum: 5, peakMemoryBytes: 4e8 });
    expect(summaries).toMatchObject({ attempts: 0, counts: { blocked: 1, unfinished: 19 }, inputBytes: 0 });
    expect(summaries.wallSeconds).toBeUndefined();
    expect(run.failures).toMatchObject([{ signature: 'Error: no star in <n>', count: 1, quanta: [6] }]);
    expect(run.retried).toMatchObject([
      { signature: 'Error: lost', attempts: 1, quanta: 1, rescued: 1, failed: 0, rules: ['again'], lostSeconds: 1 },
    ]);
    expect(run.missingOutputs).toMatchObject([
      { datasetType: 'image', expected: 200, missing: 1, because: { failed: 1 } },
      { datasetType: 'isr_log', expected: 200, missing: 1 },
      { datasetType: 'table', expected: 20, missing: 20, because: { blocked: 1, unfinished: 19 } },
    ]);
    expect(run.missingOutputs[0].examples).toEqual([{ instrument: 'Cam', exposure: 100, detector: 6 }]);
    expect(run.missingOutputs[0].datasets.map((row) => graph.dataset(row).dataId.detector)).toEqual([6]);
    expect(run.timeline).toMatchObject({ fromUnixMs: startUnixMs, binSeconds: 1 });
    const busy = run.timeline!.tasks[0].busySeconds.reduce((sum, seconds) => sum + seconds, 0);
    expect(busy).toBeCloseTo(203);
    expect(run.totals).toMatchObject({ elapsedSeconds: 60, workSeconds: 203, badputSeconds: 2, bytesRead: 201_000 });
    expect(run.totals.cpuUtilisation).toBeCloseTo((201 * 0.9) / (60 * 4));
    expect(formatReport(run).replace(/\s+/g, ' ')).toContain(
      'wall time of all attempts 3:23 min, of it lost 2.00 s (1 %); CPU 3:01 min, 75 % of 4 jobs',
    );
    expect(run.liveness).toBe('ended');
    expect(run.records).toBe(records.length);
  });

  it('says what failures have in common, and only what no chance would bring', () => {
    const bad = (q: number) => detectorOf(q) === 3;
    const onOneDetector = report(graph, [
      began(graph),
      ...isr.map((q) => attempt(graph, q, bad(q) ? failure('saturated') : {})),
    ]);
    expect(onOneDetector.failures[0].concentrations).toEqual([
      { property: 'detector', values: [3], failures: 20, ofFailures: 20, tried: 20, ofTried: 200 },
    ]);
    const text = formatReport(onOneDetector);
    expect(text).toContain('all with detector 3 (10 % of what was tried; all of these failed)');
  });

  it('finds a host and, among what ran there, a detector; and two values together', () => {
    const host = (q: number) => (q % 3 === 0 ? 'n7' : `n${q % 2}`);
    const there = report(graph, [
      began(graph),
      ...isr.map((q) => {
        const fails = host(q) === 'n7' && detectorOf(q) <= 1;
        return attempt(graph, q, { host: host(q), ...(fails ? failure('disk trouble') : {}) });
      }),
    ]);
    expect(there.failures[0].concentrations.map(({ property, values }) => [property, values])).toEqual([
      ['detector', expect.arrayContaining([0, 1])],
      ['host', ['n7']],
    ]);
  });

  it('says nothing where failures are spread like everything else, or few', () => {
    const spread = report(graph, [
      began(graph),
      ...isr.map((q) => attempt(graph, q, (q * 7919) % 13 === 0 ? failure('now and then') : {})),
    ]);
    expect(spread.failures[0].count).toBeGreaterThan(10);
    expect(spread.failures[0].concentrations).toEqual([]);
    const one = frames({ exposures: 3, detectors: 2, run: 'test/few' });
    const few = report(one, [
      began(one),
      ...[0, 1, 2, 3, 4, 5].map((q) => attempt(one, q, q < 2 ? failure('twice') : {})),
    ]);
    expect(few.failures[0].concentrations).toEqual([]);
  });

  it('looks at attempts that were tried again as well: a bad host shows though all was rescued', () => {
    const run = report(graph, [
      began(graph),
      ...isr.flatMap((q) => {
        if (q % 8 !== 0) return [attempt(graph, q, { host: `n${q % 4}` })];
        const first = failure('no such device', { decision: 'retry', host: 'n9', rule: 'again', action: 'retry' });
        return [attempt(graph, q, first), attempt(graph, q, { attempt: 2, host: 'n1' })];
      }),
    ]);
    expect(run.failures).toEqual([]);
    expect(run.retried[0]).toMatchObject({ attempts: 25, rescued: 25 });
    expect(run.retried[0].concentrations[0]).toMatchObject({ property: 'host', values: ['n9'], failures: 25 });
    expect(formatReport(run)).toContain('all on host n9');
  });

  it('groups caveats by kind and task, with what is missing and what the Rubin middleware calls them', () => {
    const image = (q: number) => graph.quantumOutputs(q).slice(0, 1);
    const partial = attempt(graph, 0, {
      state: 'doneWithCaveat',
      caveats: [{ kind: 'partialOutputs', reason: 'no log' }],
    });
    const half = attempt(graph, 1, {
      state: 'doneWithCaveat',
      caveats: [{ kind: 'unprocessable', reason: 'too bright' }],
      outputs: [],
    });
    const none = attempt(graph, 2, {
      state: 'noWork',
      cause: { kind: 'noWork', message: 'empty', signature: 'NoWorkFound: empty' },
    });
    expect(image(0)).toHaveLength(1);
    const run = report(graph, [
      began(graph),
      partial,
      half,
      none,
      { type: 'blocked', quanta: [200], by: 2, reason: 'upstreamNoWork', unixMs: startUnixMs },
    ]);
    const flagsOf = (code: string) => run.caveats.find((c) => c.code === code)?.flags;
    expect(run.caveats.map(({ label, kind, code, count }) => [label, kind, code, count])).toEqual([
      ['isr', 'partialOutputs', 'P', 1],
      ['isr', 'unprocessable', '*D', 1],
      ['isr', 'noWork', '*N', 1],
      ['summarise', 'tooFewInputs', '*A', 1],
    ]);
    expect(flagsOf('*D')).toEqual(['ANY_OUTPUTS_MISSING', 'ALL_OUTPUTS_MISSING', 'NO_WORK', 'UNPROCESSABLE_DATA']);
    expect(run.caveats[1].examples).toMatchObject([{ quantum: 1, reason: 'too bright' }]);
    const text = formatReport(run);
    expect(text).toMatch(/unprocessable +\*D +1 +too bright/);
  });

  it('counts what was only in memory as made, what ran again once, and what was left out apart', () => {
    const [image, log] = graph.quantumOutputs(0).map(({ dataset }) => dataset);
    const made = attempt(graph, 0).outputs.filter(({ dataset }) => dataset === log);
    const run = report(graph, [
      began(graph),
      attempt(graph, 0, { outputs: made, held: [image] }),
      attempt(graph, 1),
      { type: 'redone', reason: 'fileMissing', quanta: [1], paths: ['x'], unixMs: startUnixMs },
      attempt(graph, 1),
      { type: 'excluded', quanta: [2], by: 'detector=2', unixMs: startUnixMs },
      { type: 'blocked', quanta: [200], by: 2, reason: 'upstreamExcluded', unixMs: startUnixMs },
    ]);
    expect(run).toMatchObject({ redone: 1, counts: { done: 2, excluded: 2, blocked: 0, unfinished: 216 } });
    expect(run.tasks[0].attempts).toBe(3);
    const missing = run.missingOutputs.find(({ datasetType }) => datasetType === 'image')!;
    expect(missing).toMatchObject({ missing: 198, because: { unfinished: 197, excluded: 1 } });
    expect(missing.datasets).not.toContain(image);
    // Another execution without the exclusion runs them.
    const again = collectReport(
      graph,
      writeRun(root, graph, [began(graph, startUnixMs + 1e6), attempt(graph, 2), ended('drained')]),
    );
    expect(again.counts).toMatchObject({ done: 3, excluded: 0, unfinished: 217 });
    expect(again.executions.map(({ how }) => how)).toEqual([undefined, 'drained']);
  });

  it('of a run in progress reads what is whole; without end and controller it says so', () => {
    const folder = writeRun(root, graph, [began(graph), attempt(graph, 0), attempt(graph, 1)]);
    appendFileSync(folder.outcomesPath, '0123abcd {"type":"attempt","quant');
    const died = collectReport(graph, folder);
    expect(died).toMatchObject({ counts: { done: 2 }, unfinished: 218, liveness: 'died' });
    expect(formatReport(died)).toContain('its controller is gone without a word');
    const me = { host: 'elsewhere.example', pid: 1, startTicks: null, bootId: null };
    writeFileSync(folder.lockPath, JSON.stringify({ ...me, token: 't', user: 'u', sinceUnixMs: 0 }));
    expect(collectReport(graph, folder).liveness).toBe('unknown');
  });

  it('fits into 80 columns', () => {
    const long = 'a message that goes on and on '.repeat(8);
    const run = report(graph, [
      began(graph),
      ...isr.map((q) =>
        attempt(graph, q, q % 9 === 0 ? failure(long) : { usage: { wallSeconds: 3000, bytesRead: 5e9 } }),
      ),
      attempt(graph, 1, { state: 'doneWithCaveat', caveats: [{ kind: 'partialOutputs', reason: long }] }),
      ended(),
    ]);
    const lines = formatReport(run, 80).split('\n');
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(lines.length).toBeGreaterThan(20);
  });
});
