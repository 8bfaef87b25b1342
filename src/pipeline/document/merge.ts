// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../base/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { ConfigBlock, TaskEntry } from './model.ts';

/** A task over an imported one of the same label: another class replaces it, the same (or none given) adds settings. */
export function mergeTask(
  imported: TaskEntry | undefined,
  own: { label: string; taskClass: string | undefined; config: ConfigBlock[]; place: Place },
): TaskEntry {
  const taskClass = own.taskClass ?? imported?.taskClass;
  if (taskClass === undefined) {
    throw pipelineErrors.MISSING_KEY({ what: `Task "${own.label}"`, key: 'class' }, { place: own.place });
  }
  const inherited = imported !== undefined && imported.taskClass === taskClass ? imported.config : [];
  return { label: own.label, taskClass, config: joinBlocks(inherited, own.config), place: own.place };
}

/** Joins two lists of blocks; where the seam allows it, two plain blocks without common keys become one. */
function joinBlocks(first: readonly ConfigBlock[], second: readonly ConfigBlock[]): ConfigBlock[] {
  const last = first.at(-1);
  const [next, ...rest] = second;
  if (last === undefined || next === undefined || !plain(last) || !plain(next)) return [...first, ...second];
  const keys = new Set(last.settings.map((setting) => setting.key));
  if (next.settings.some((setting) => keys.has(setting.key))) return [...first, ...second];
  return [...first.slice(0, -1), { ...last, settings: [...last.settings, ...next.settings] }, ...rest];
}

function plain(block: ConfigBlock): boolean {
  return block.files.length === 0 && block.python === undefined && block.dataId === undefined;
}
