// SPDX-License-Identifier: BSD-3-Clause
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Butler } from '../../src/butler/index.ts';
import { type AttemptRecord, execute, RunFolder } from '../../src/run/index.ts';
import { readOutcomeFigures, readOutcomeLog } from '../../src/run/outcomes/log.ts';
import { skimAttempt } from '../../src/run/outcomes/skim.ts';
import { campaign, cell, testWorker } from '../support/run/campaign.ts';
import { attempt, frames } from '../support/run/written-run.ts';

/** What a skimmed record must hold of the whole one. */
function figuresOf(record: AttemptRecord) {
  const { type, quantum, host, workerPid, startedUnixMs, state, decision } = record;
  const { usage: u } = record;
  return {
    ...{ type, quantum, host, workerPid, startedUnixMs, state, decision },
    usage: {
      wallSeconds: u.wallSeconds,
      cpuUserSeconds: u.cpuUserSeconds,
      cpuSystemSeconds: u.cpuSystemSeconds,
      peakMemoryBytes: u.peakMemoryBytes,
      requestedCores: u.requestedCores,
      requestedMemoryBytes: u.requestedMemoryBytes,
      bytesRead: u.bytesRead,
      bytesWritten: u.bytesWritten,
      readSeconds: u.readSeconds,
      writeSeconds: u.writeSeconds,
    },
    outputs: record.outputs.map(({ dataset, file }) => ({ dataset, file: { sizeBytes: file.sizeBytes } })),
  };
}

describe('records read for their figures alone', () => {
  it('are those of a real run: what was simply done is skimmed, all else is whole', async () => {
    const root = mkdtempSync(join(tmpdir(), 'skymill-skim-'));
    const butler = await Butler.create(join(root, 'repo'));
    try {
      const config = { make: { throw: [cell(1)], noWork: [cell(2)], half: [cell(3)] } };
      const graph = campaign(butler, { cells: 8, config });
      await execute(graph, butler, { worker: testWorker, jobs: 1, scratchRoot: root });
      const path = RunFolder.open(butler.root, 'test/run').outcomesPath;
      const whole = [...readOutcomeLog(path)];
      const figures = [...readOutcomeFigures(path)];
      expect(figures.length).toBe(whole.length);
      let skimmed = 0;
      whole.forEach((record, i) => {
        const plain = record.type === 'attempt' && record.state === 'done' && record.decision === 'final';
        if (plain) skimmed++;
        expect(figures[i]).toEqual(plain ? figuresOf(record) : record);
      });
      expect(skimmed).toBeGreaterThan(5);
    } finally {
      await butler.close();
      rmSync(root, { recursive: true });
    }
  });

  it('are right whatever stands in their texts, or are left to the parser', () => {
    const graph = frames({ exposures: 2, detectors: 2 });
    const nasty = fc.oneof(
      fc.string(),
      fc.constantFrom(
        '"outputs":[',
        '}}',
        '"}}',
        '],"usage":{"wallSeconds":7}',
        ',"startedUnixMs":1',
        '"state":"done","decision":"final","reason":"none","workerPid":9',
        '"sizeBytes":5',
        '"host":"x',
        '\\"',
        'Ünïcode',
      ),
    );
    const number = fc.oneof(fc.nat(), fc.double({ min: 0, max: 1e15, noNaN: true }));
    fc.assert(
      fc.property(nasty, nasty, nasty, number, number, fc.nat(3), (host, path, text, wall, peak, quantum) => {
        const plain = attempt(graph, quantum, {
          host,
          dataId: { text },
          usage: { wallSeconds: wall, peakMemoryBytes: peak },
          log: { file: path, offset: 1 },
        });
        const record: AttemptRecord = {
          ...plain,
          outputs: plain.outputs.map((o) => ({ ...o, file: { ...o.file, path, formatter: text, checksum: null } })),
        };
        const line = Buffer.from(JSON.stringify(record)).toString('latin1');
        const skimmed = skimAttempt(line);
        if (skimmed !== undefined) expect(skimmed).toEqual(figuresOf(JSON.parse(JSON.stringify(record))));
        else expect(/^[\x20-\x5b\x5d-\x7e]*$/.test(host) && !host.includes('"')).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('leave failures, caveats and lines of another make to the parser', () => {
    const graph = frames({ exposures: 2, detectors: 2 });
    const cause = { kind: 'exception' as const, message: 'm', signature: 's' };
    const caveats = [{ kind: 'partialOutputs' as const, reason: 'r' }];
    for (const given of [{ state: 'failed', cause }, { state: 'doneWithCaveat' }, { caveats }] as const)
      expect(skimAttempt(JSON.stringify(attempt(graph, 0, given)))).toBeUndefined();
    expect(skimAttempt('{"type":"blocked","quanta":[1]}')).toBeUndefined();
    const { usage, ...rest } = attempt(graph, 0);
    expect(skimAttempt(JSON.stringify({ ...rest, usage: { ...usage, readSeconds: undefined } }))).toBeUndefined();
  });
});
