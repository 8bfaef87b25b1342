// SPDX-License-Identifier: BSD-3-Clause
import type { BuildProgress, BuildReport } from '../../graph/index.ts';
import type { Output } from '../output.ts';
import { Progress } from '../progress.ts';

/** One line of progress for each step of a build that takes long. */
export class BuildDisplay {
  readonly #quiet: boolean;
  #what = '';
  #progress: Progress | undefined;

  constructor({ quiet = false }: { quiet?: boolean } = {}) {
    this.#quiet = quiet;
  }

  update({ what, done, total }: BuildProgress): void {
    if (what !== this.#what) {
      this.#progress?.end();
      this.#progress = new Progress(`building: ${what}`, { quiet: this.#quiet });
      this.#what = what;
    }
    this.#progress?.update(done, total);
  }

  end(): void {
    this.#progress?.end();
  }
}

/** The report of a build: by task, why what is not there is not there, and with `explain` every step. */
export async function showBuild(out: Output, report: BuildReport, explain: boolean): Promise<void> {
  if (out.json) return;
  const { explainReport, joinText, stepLines } = await import('../../graph/index.ts');
  if (explain) {
    for (const line of stepLines(report)) out.say(line);
    for (const { labels, joins } of report.components)
      if (joins.length > 0) out.say(`Data IDs of ${labels.join(', ')}: ${joinText(joins)}.`);
  }
  out.rows(
    ['task', 'quanta', 'candidates', 'done already', 'left out'],
    report.tasks.map((t) => [t.label, t.quanta, t.candidates, t.skipped, t.pruned]),
  );
  for (const sentence of explainReport(report)) out.say(sentence);
}
