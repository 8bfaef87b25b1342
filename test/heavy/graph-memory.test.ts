// SPDX-License-Identifier: BSD-3-Clause
import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';

const script = resolve(import.meta.dirname, '../../bench/graph/preview.ts');

test('a graph of three million quanta is built in less than 200 bytes a quantum, all of the process included', () => {
  const printed = execFileSync(process.execPath, [script, '1000', '80'], { encoding: 'utf8' });
  const { quanta, peakBytes, sizeBytes } = JSON.parse(printed) as Record<string, number>;
  expect(quanta).toBe(2_996_047);
  expect(peakBytes / quanta).toBeLessThan(200);
  expect(sizeBytes / quanta).toBeLessThan(3);
});
