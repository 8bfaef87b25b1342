// SPDX-License-Identifier: BSD-3-Clause
/**
 * A controller in a process of its own, to be disturbed: `node controller.ts <repository> <cells> <scratch root> [sleep ms] [more]`, where `more`
 * is JSON: options of the campaign and of `execute`. Exits as the run says.
 */
import { Butler } from '../../../src/butler/index.ts';
import { execute } from '../../../src/run/index.ts';
import { campaign, testWorker } from './campaign.ts';

const [root, cells, scratchRoot, sleepMs = '3', more = '{}'] = process.argv.slice(2);
const { config, resources, options } = JSON.parse(more);
const butler = await Butler.open(root, { writeable: true });
const make = { sleepMs: Number(sleepMs), ...config?.make };
const graph = campaign(butler, { cells: Number(cells), config: { ...config, make }, resources });
const summary = await execute(graph, butler, {
  worker: testWorker,
  jobs: 2,
  scratchRoot,
  handleSignals: true,
  progressSeconds: 0.1,
  onEvent: (event) => {
    if (event.type === 'started' || event.type === 'resumed') process.stdout.write(`${JSON.stringify(event)}\n`);
  },
  ...options,
});
await butler.close();
process.exitCode = summary.exitCode;
