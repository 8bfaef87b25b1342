// SPDX-License-Identifier: BSD-3-Clause
/*
 * A process of its own for the tests of interrupted removal: `root run [n]` removes a run, and dies at the n-th file (0: before any;
 * without n it runs to its end, or until somebody kills it).
 */
import { Butler } from '../../src/butler/index.ts';

const [root, run, at] = process.argv.slice(2);
const butler = await Butler.open(root, { writeable: true });
if (at !== undefined) {
  const { store } = butler.datastore;
  const remove = store.remove.bind(store);
  let files = 0;
  store.remove = (path) => {
    if (files++ >= Number(at)) process.kill(process.pid, 'SIGKILL');
    return remove(path);
  };
}
process.stdout.write('ready\n');
await butler.removeRuns([run], { unlink: true });
await butler.close();
