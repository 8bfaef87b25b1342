// SPDX-License-Identifier: BSD-3-Clause
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeFrame, FrameReader } from '../../src/run/workers/frames.ts';
import { decodeRecords, encodeRecords } from '../../src/run/workers/records-codec.ts';

describe('message frames', () => {
  it('come back whole however the pipe cuts them', () => {
    const json = fc.jsonValue({ maxDepth: 2 });
    fc.assert(
      fc.property(
        fc.array(json, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }),
        (messages, cuts) => {
          const bytes = Buffer.concat(messages.map(encodeFrame));
          const reader = new FrameReader<unknown>();
          const got: unknown[] = [];
          for (let at = 0, i = 0; at < bytes.length; i++) {
            const size = cuts[i % cuts.length];
            got.push(...reader.push(bytes.subarray(at, at + size)));
            at += size;
          }
          expect(got).toEqual(messages.map((m) => JSON.parse(JSON.stringify(m))));
        },
      ),
    );
  });

  it('refuse a length that no message has', () => {
    const reader = new FrameReader();
    expect(() => reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff]))).toThrow(
      expect.objectContaining({ code: 'RUN_PROTOCOL' }),
    );
  });
});

describe('dimension records in messages', () => {
  it('keep bytes, nanoseconds and open ends', () => {
    const records = {
      visit: {
        instrument: 'Cam',
        id: 903334,
        exposure_time: 30.5,
        region: new Uint8Array([99, 0, 255]),
        timespan: { beginNs: 1_600_000_000_123_456_789n, endNs: undefined },
        science: true,
        target: null,
      },
    };
    expect(decodeRecords(JSON.parse(JSON.stringify(encodeRecords(records))))).toEqual(records);
  });
});
