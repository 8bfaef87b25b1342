// SPDX-License-Identifier: BSD-3-Clause
import { describe, expect, it } from 'vitest';
import { butlerErrors, type DatasetRef, type FileRecord } from '../../src/butler/index.ts';
import { Registrar } from '../../src/run/controller/registrar.ts';
import type { OutputRecord } from '../../src/run/index.ts';

const away = () => butlerErrors.DATABASE_UNREACHABLE({ location: 'host/db', reason: 'connection refused' });

/** A registry that answers as the list says, then takes everything. */
function registry(answers: (undefined | (() => Error))[]) {
  const taken: number[] = [];
  let synced = 0;
  const butler = {
    async registerOutputs(outputs: readonly { ref: DatasetRef; record: FileRecord }[]) {
      expect(synced).toBeGreaterThan(0); // the log is on disk before the registry hears of anything
      const answer = answers.shift();
      if (answer !== undefined) throw answer();
      taken.push(...outputs.map(({ record }) => Number(record.path)));
      return { registered: outputs.length, present: 0 };
    },
  };
  const refOf = (row: number) => ({ id: String(row) }) as unknown as DatasetRef;
  return { butler, refOf, taken, log: { sync: () => void synced++ } };
}

function outputs(from: number, count: number): OutputRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const file = { path: String(from + i), sizeBytes: 1 } as unknown as FileRecord;
    return { dataset: from + i, file };
  });
}

describe('registering outputs', () => {
  it('waits for a registry that is away, and loses and repeats nothing', async () => {
    const { butler, refOf, log, taken } = registry([undefined, away, away, away]);
    const registrar = new Registrar(butler, refOf, log);
    registrar.add(outputs(0, 2700));
    const flushed = registrar.flush();
    await expect.poll(() => registrar.wait).toMatchObject({ waiting: 700, reason: /cannot be reached/ });
    registrar.add(outputs(2700, 10));
    await registrar.flush();
    await flushed;
    expect(taken).toEqual(Array.from({ length: 2710 }, (_, i) => i));
    expect(registrar).toMatchObject({ registered: 2710, wait: undefined });
  });

  it('gives up when its patience is over, for good', async () => {
    const { butler, refOf, log, taken } = registry(new Array(1000).fill(away));
    const registrar = new Registrar(butler, refOf, log, { patienceSeconds: 0.5 });
    registrar.add(outputs(0, 3));
    await expect(registrar.flush()).rejects.toMatchObject({
      code: 'RUN_REGISTRY_GONE',
      message: expect.stringMatching(/3 outputs for 1 s: The database host\/db cannot be reached/),
    });
    await expect(registrar.flush()).rejects.toMatchObject({ code: 'RUN_REGISTRY_GONE' });
    expect(taken).toEqual([]);
  });

  it('stops waiting when the operator wants to stop', async () => {
    const { butler, refOf, log } = registry(new Array(1000).fill(away));
    const registrar = new Registrar(butler, refOf, log, { patienceSeconds: 3600 });
    registrar.add(outputs(0, 1));
    const flushed = registrar.flush();
    await expect.poll(() => registrar.wait).toBeDefined();
    registrar.hurry();
    await expect(flushed).rejects.toMatchObject({ code: 'RUN_REGISTRY_GONE' });
  });

  it('does not try again what cannot become right', async () => {
    const wrong = () => butlerErrors.FILE_MISSING({ path: 'a', dataset: 'b' });
    const { butler, refOf, log } = registry([wrong]);
    const registrar = new Registrar(butler, refOf, log);
    registrar.add(outputs(0, 1));
    await expect(registrar.flush()).rejects.toMatchObject({ code: 'BUTLER_FILE_MISSING' });
  });
});
