// SPDX-License-Identifier: BSD-3-Clause
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { testEngine } from '../support/databases.ts';
import { describeShared } from '../support/shared.ts';
import { runSuite } from './suite.ts';
import { SUITES } from './suites.ts';

describeShared('conformance/gen3', 'conformance with the Gen3 middleware', (root) => {
  test.each(Object.keys(SUITES))('%s: every case', async (name) => {
    const result = await runSuite(name, SUITES[name], root, testEngine());
    expect(result.failures.slice(0, 3), inspect(result.failures.slice(0, 3), { depth: 8 })).toEqual([]);
    expect(result.total).toBeGreaterThan(0);
    expect(result.passed).toBe(result.total);
  });
});
