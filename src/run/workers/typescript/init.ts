// SPDX-License-Identifier: BSD-3-Clause
import { type StagedFile, syncFolders } from '../../../butler/index.ts';
import type { OutputRecord } from '../../outcomes/record.ts';
import { causeOfException } from '../../outcomes/signature.ts';
import type { FromWorker, InitSpec } from '../protocol.ts';
import { discardAll } from './commit.ts';
import { byConnection, matchOutputs } from './connections.ts';
import type { QuantumSurroundings } from './run-quantum.ts';
import { returnedOutputs, writeOutput } from './wrong-output.ts';

type InitEnded = Extract<FromWorker, { type: 'initEnded' }>;

/** Writes the init outputs of tasks in order: configurations, package versions, and what each task's `init` makes. */
export async function runInit(
  specs: readonly InitSpec[],
  packages: Readonly<Record<string, string>>,
  around: Pick<QuantumSurroundings, 'load' | 'open'>,
): Promise<InitEnded> {
  const outputs: OutputRecord[] = [];
  const staged: StagedFile[] = [];
  for (const spec of specs) {
    let label = `task ${spec.task}`;
    try {
      const task = await around.load(spec.task);
      label = task.plain.label;
      const store = around.open([...spec.inputs, ...spec.outputs]);
      const put = async (output: (typeof spec.outputs)[number], object: unknown) => {
        const { record } = await writeOutput(label, output, object, () => store.butler.put(object, store.ref(output)));
        outputs.push({ dataset: output.row, file: record });
      };
      // Nothing in the run reads these: they come to the disk together.
      const stage = async (output: (typeof spec.outputs)[number], object: unknown) => {
        const one = await writeOutput(label, output, object, () => store.butler.stage(object, store.ref(output)));
        staged.push(one.staged);
        outputs.push({ dataset: output.row, file: one.record });
      };
      const own = spec.outputs.filter((o) => o.datasetType !== `${label}_config` && o.datasetType !== 'packages');
      for (const output of spec.outputs) {
        if (output.datasetType === `${label}_config`) await stage(output, task.plain.config);
        if (output.datasetType === 'packages') await stage(output, { ...packages, ...packageVersions() });
      }
      if (own.length === 0) continue;
      const inputs: Record<string, unknown> = {};
      for (const input of spec.inputs) inputs[input.connection] = await store.butler.get(store.ref(input));
      const returned = (await task.definition.init?.(task.config, inputs)) ?? {};
      const { made } = matchOutputs(task.plain, byConnection(own), returnedOutputs(label, returned), false);
      for (const { spec: output, object } of made) await put(output, object);
    } catch (thrown) {
      await discardAll(staged);
      return { type: 'initEnded', outputs: [], error: { label, cause: causeOfException(thrown) } };
    }
  }
  try {
    await placeAll(staged);
  } catch (thrown) {
    await discardAll(staged);
    return { type: 'initEnded', outputs: [], error: { label: 'configurations', cause: causeOfException(thrown) } };
  }
  return { type: 'initEnded', outputs };
}

async function placeAll(staged: readonly StagedFile[]): Promise<void> {
  const failed = (await Promise.allSettled(staged.map((file) => file.sync()))).find((one) => one.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
  const folders: string[] = [];
  for (const file of staged) folders.push(...(await file.place()));
  await syncFolders(folders);
}

/** Versions of what computes: the runtime and its libraries. */
export function packageVersions(): Record<string, string> {
  return Object.fromEntries(Object.entries(process.versions).filter((e): e is [string, string] => e[1] !== undefined));
}
