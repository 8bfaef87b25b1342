// SPDX-License-Identifier: BSD-3-Clause
import type { TaskNode } from './model.ts';

/**
 * Tasks drawn for a terminal, one a line in the order of the data, with rails on the left: `●` the task, `│` something made above
 * that is wanted below, `├` `┼` where it comes in and goes on, `╰` `┴` where it ends. A rail belongs to a task and ends at the last task that reads from it.
 *
 * ```
 * ●    isr {exposure, detector}                 raw, bias -> postISRCCD
 * ╰─●  calibrate {visit, detector}              postISRCCD -> calexp
 * ```
 */
export function drawTasks(nodes: readonly TaskNode[], note: (label: string) => string | undefined): string[] {
  const lastUse = new Map<string, number>();
  for (const [i, node] of nodes.entries())
    for (const input of node.inputs) if (input.from !== undefined) lastUse.set(input.from, i);
  const rails: (string | undefined)[] = [];
  const drawn: { rail: string; text: string; flow: string }[] = [];
  for (const [i, node] of nodes.entries()) {
    const from = new Set(node.inputs.map((input) => input.from).filter((label) => label !== undefined));
    const ending = new Set([...from].filter((label) => lastUse.get(label) === i));
    // The task takes the place of the rightmost rail that ends here, if nothing is drawn beyond it; else the first free one.
    const reached = rails.flatMap((label, place) => (label !== undefined && from.has(label) ? [place] : []));
    const place = freePlace(rails, reached.length === 0 ? 0 : reached[reached.length - 1] + 1);
    drawn.push({
      rail: railLine(rails, reached, ending, place),
      text: `${node.label} {${node.dimensions.join(', ')}}`,
      flow: [flowText(node), note(node.label)].filter((part) => part !== undefined).join('  '),
    });
    for (const [at, label] of rails.entries()) if (label !== undefined && ending.has(label)) rails[at] = undefined;
    if (lastUse.has(node.label)) rails[place] = node.label;
    while (rails.length > 0 && rails[rails.length - 1] === undefined) rails.pop();
  }
  const railWidth = Math.max(...drawn.map(({ rail }) => rail.length), 0);
  const textWidth = Math.max(...drawn.map(({ text }) => text.length), 0);
  return drawn.map(({ rail, text, flow }) => `${rail.padEnd(railWidth)}  ${text.padEnd(textWidth)}  ${flow}`.trimEnd());
}

function freePlace(rails: readonly (string | undefined)[], from: number): number {
  let place = from;
  while (rails[place] !== undefined) place++;
  return place;
}

function railLine(
  rails: readonly (string | undefined)[],
  reached: readonly number[],
  ending: ReadonlySet<string>,
  place: number,
): string {
  const first = reached[0];
  let line = '';
  for (let at = 0; at <= Math.max(place, rails.length - 1); at++) {
    const label = rails[at];
    const across = first !== undefined && at > first && at < place;
    if (at === place) line += '●';
    else if (reached.includes(at) && at < place) {
      const ends = ending.has(label as string);
      line += at === first ? (ends ? '╰' : '├') : ends ? '┴' : '┼';
    } else if (label !== undefined) line += '│';
    else line += across ? '─' : ' ';
    const horizontal = first !== undefined && at >= first && at < place;
    line += horizontal ? '─' : ' ';
  }
  return line.trimEnd();
}

function flowText({ inputs, outputs }: TaskNode): string {
  const names = (list: readonly { datasetType: string }[]) => list.map((one) => one.datasetType).join(', ');
  return `${names(inputs)} -> ${names(outputs)}`;
}
