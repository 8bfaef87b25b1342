// SPDX-License-Identifier: BSD-3-Clause
import { appendFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OutcomeLogWriter, readOutcomeLog } from '../../src/run/outcomes/log.ts';
import type { OutcomeRecord } from '../../src/run/outcomes/record.ts';
import { signatureOf } from '../../src/run/outcomes/signature.ts';

let dir: string;
let path: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'skymill-log-'));
  path = join(dir, 'outcomes.log');
});
afterEach(() => rmSync(dir, { recursive: true }));

const blocked = (by: number): OutcomeRecord => ({
  type: 'blocked',
  quanta: [by + 1],
  by,
  reason: 'upstreamFailed',
  unixMs: by,
});

function write(records: OutcomeRecord[]): OutcomeRecord[] {
  const before: OutcomeRecord[] = [];
  const log = OutcomeLogWriter.open(path, (r) => before.push(r));
  for (const record of records) log.append(record);
  log.close();
  return before;
}
function read(): OutcomeRecord[] {
  return [...readOutcomeLog(path)];
}

describe('the outcome log', () => {
  it('gives back what was appended, over several openings', () => {
    expect(write([blocked(1), blocked(2)])).toEqual([]);
    expect(write([blocked(3)])).toEqual([blocked(1), blocked(2)]);
    expect(read()).toEqual([blocked(1), blocked(2), blocked(3)]);
  });

  it('survives a cut at any byte: whole records stay, the rest goes, writing continues', () => {
    write(Array.from({ length: 5 }, (_, i) => blocked(i)));
    const whole = readFileSync(path);
    const ends = [...whole.entries()].filter(([, byte]) => byte === 10).map(([i]) => i + 1);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length }), (length) => {
        writeFileSync(path, whole);
        truncateSync(path, length);
        const kept = ends.filter((end) => end <= length).length;
        expect(read()).toHaveLength(kept);
        expect(write([blocked(99)])).toHaveLength(kept);
        expect(read().at(-1)).toEqual(blocked(99));
        expect(read()).toHaveLength(kept + 1);
      }),
    );
  });

  it('cuts a tail of zeros, as a machine that lost power leaves', () => {
    write([blocked(1)]);
    appendFileSync(path, Buffer.alloc(100));
    expect(write([blocked(2)])).toEqual([blocked(1)]);
    expect(read()).toEqual([blocked(1), blocked(2)]);
  });

  it('refuses damage in the middle, naming file and byte', () => {
    write([blocked(1), blocked(2), blocked(3)]);
    const bytes = readFileSync(path);
    const second = bytes.indexOf(10) + 1;
    bytes[second + 20] ^= 1;
    writeFileSync(path, bytes);
    expect(() => read()).toThrow(
      expect.objectContaining({ code: 'RUN_LOG_CORRUPT', message: expect.stringContaining(`byte ${second}:`) }),
    );
  });
});

describe('failure signatures', () => {
  it('are equal for one problem on many data, and differ between problems', () => {
    const a = signatureOf('FITS_TRUNCATED', '/data/x/raw_12.fits ends after 2880 of 5760 bytes');
    expect(a).toBe(signatureOf('FITS_TRUNCATED', '/other/raw_99.fits ends after 28.5e3 of 1 bytes'));
    expect(a).not.toBe(signatureOf('FITS_TRUNCATED', '/other/raw_99.fits has 28 of 1 bytes'));
    expect(signatureOf('E', 'no star in "r" of 01a2b3c4-0000-7000-8000-123456789abc')).toBe(
      'E: no star in <text> of <uuid>',
    );
  });
});
