// SPDX-License-Identifier: BSD-3-Clause
import { expect, test } from 'vitest';
import type { ButlerApi } from '../../src/butler/index.ts';
import { executePlan, type ProductionPlan } from '../../src/cli/produce/produce.ts';

test('a production with tasks of Python classes is refused before anything is made', async () => {
  const task = (label: string, runner: string, quantumCount: number) => ({
    label,
    quantumCount,
    declaration: { runner },
  });
  const graph = { tasks: [task('isr', 'python', 3), task('empty', 'python', 0), task('own', 'typescript', 2)] };
  // Nothing of the repository or the rest of the graph may be touched: there is none.
  const refused = executePlan({} as ButlerApi, { graph, digest: '' } as unknown as ProductionPlan, {
    onEvent: () => {},
  });
  await expect(refused).rejects.toMatchObject({ code: 'CLI_NO_RUNNER', message: expect.stringContaining(': isr') });
});
