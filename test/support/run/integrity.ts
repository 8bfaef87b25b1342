// SPDX-License-Identifier: BSD-3-Clause
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isFinished } from '../../../src/butler/datastore/growing-archive/finish.ts';
import { Butler, memberStates } from '../../../src/butler/index.ts';
import type { QuantumGraph } from '../../../src/graph/index.ts';
import { RunFolder, readOutcomeLog } from '../../../src/run/index.ts';

/**
 * Holds a finished run against what a repository promises. @returns what is wrong, in words (nothing: all is well), and the digest
 * of each product by name.
 */
export async function checkRun(
  root: string,
  graph: QuantumGraph,
): Promise<{ wrong: string[]; products: Record<string, string> }> {
  const wrong: string[] = [];
  const products: Record<string, string> = {};
  const butler = await Butler.open(root);
  try {
    const rows = Array.from({ length: graph.datasetCount }, (_, row) => graph.dataset(row));
    const known = await butler.getDatasets(rows.map((d) => d.id));
    const records = await butler.getFileRecords(rows.map((d) => d.id));
    const named = new Set<string>();
    for (const [i, dataset] of rows.entries()) {
      const name = `${dataset.datasetType} ${JSON.stringify(dataset.dataId)}`;
      if (known[i] === undefined) wrong.push(`${name} is not registered`);
      if (records[i].length !== 1) wrong.push(`${name} has ${records[i].length} files`);
      for (const record of records[i]) {
        const [file, member] = record.path.split('#');
        const path = resolve(butler.datastoreRoot, file);
        named.add(path);
        if (member !== undefined) {
          const [state] = await memberStates(butler.datastoreRoot, [record], true);
          if (state !== 'whole') wrong.push(`${name}: ${record.path} is ${state}`);
          continue;
        }
        if (!existsSync(path)) {
          wrong.push(`${name}: ${path} is registered and absent`);
          continue;
        }
        const bytes = readFileSync(path);
        if (bytes.length !== record.sizeBytes)
          wrong.push(`${name}: ${bytes.length} bytes, registered as ${record.sizeBytes}`);
        const checksum = createHash('blake2b512').update(bytes).digest('hex');
        if (checksum !== record.checksum) wrong.push(`${name}: its checksum is not the registered one`);
        if (!/_(metadata|log)$/.test(dataset.datasetType)) products[name] = checksum;
      }
    }
    for (const path of filesBelow(join(root, 'test'))) {
      if (!named.has(path)) wrong.push(`${path} belongs to no registered dataset`);
      if (path.endsWith('.zip') && !(await isFinished(path))) wrong.push(`${path} has no directory`);
    }
    const folder = RunFolder.open(root, graph.header.outputRun);
    if (existsSync(folder.lockPath)) wrong.push('the lock is still there');
    if (readdirSync(folder.workersFolder).length > 0) wrong.push('workers are still on the roster');
    for (const _ of readOutcomeLog(folder.outcomesPath)); // throws when damaged
  } finally {
    await butler.close();
  }
  return { wrong, products };
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name));
}
