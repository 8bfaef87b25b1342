// SPDX-License-Identifier: BSD-3-Clause
/** A controller in a process of its own, to be killed: `node controller.ts <repository> <cells> <scratch root> [sleep ms]`. Exits as the run says. */
import { Butler } from '../../../src/butler/index.ts';
import { execute } from '../../../src/run/index.ts';
import { campaign, testWorker } from './campaign.ts';

const [root, cells, scratchRoot, sleepMs = '3'] = process.argv.slice(2);
const butler = await Butler.open(root, { writeable: true });
const graph = campaign(butler, { cells: Number(cells), config: { make: { sleepMs: Number(sleepMs) } } });
const summary = await execute(graph, butler, {
  worker: testWorker,
  jobs: 2,
  scratchRoot,
  handleSignals: true,
  progressSeconds: 0.1,
  onEvent: (event) => {
    if (event.type === 'started' || event.type === 'resumed') process.stdout.write(`${JSON.stringify(event)}\n`);
  },
});
await butler.close();
process.exitCode = summary.exitCode;
