// SPDX-License-Identifier: BSD-3-Clause
import { existsSync } from 'node:fs';
import type { ButlerApi, DataId } from '../../butler/index.ts';
import type { RunFolder, Story } from '../../run/index.ts';

export interface RunStory extends Story {
  /** The run that it happened in. */
  run: string;
}

/**
 * The stories of the quanta that a text means in a run: a quantum, or a dataset and so the one that makes it. What the run kept of
 * earlier ones is told by the run that did it. `names`: tasks and dataset types of the run.
 */
export async function storiesOf(
  butler: ButlerApi,
  folder: RunFolder,
  text: string,
): Promise<{ stories: RunStory[]; notes: string[]; names: string[] }> {
  const { findInGraph, readKeptPlan, RunFolder: folders, why } = await import('../../run/index.ts');
  const { openGraph } = await import('../../graph/index.ts');
  const graph = await openGraph(folder.graphPath);
  const { run } = folder.info();
  const earlier = readKeptPlan(folder)?.plan.earlier ?? [];
  const stories: RunStory[] = [];
  const notes: string[] = [];
  const inEarlier = async (name: string, what: string): Promise<boolean> => {
    const other = folders.open(butler.root, name);
    if (!existsSync(other.graphPath)) return false;
    const found = (await storiesOf(butler, other, what)).stories;
    for (const story of found) story.lines.push(`${run} kept it: it is as it would be made there.`);
    stories.push(...found);
    return found.length > 0;
  };
  const found = findInGraph(graph, text);
  for (const one of found) {
    const quantum = 'quantum' in one ? one.quantum : graph.dataset(one.dataset).producer;
    if (quantum !== undefined) {
      stories.push({ ...why(graph, folder, quantum), run });
      continue;
    }
    const dataset = graph.dataset((one as { dataset: number }).dataset);
    if (earlier.includes(dataset.run) && (await inEarlier(dataset.run, dataset.id))) continue;
    const path = dataset.files[0]?.path ?? 'no file';
    notes.push(`${dataset.datasetType} ${words(dataset.dataId)} was there before: ${dataset.run}, ${path}.`);
  }
  if (found.length === 0) for (const name of earlier) if (await inEarlier(name, text)) break;
  const names = [...graph.tasks.map((task) => task.label), ...graph.datasetTypes.map((type) => type.name)];
  return { stories, notes, names };
}

function words(dataId: DataId): string {
  return Object.entries(dataId)
    .map(([key, value]) => `${key}=${value}`)
    .join(' ');
}
