// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { ExecuteOptions } from '../../run/index.ts';
import type { Output } from '../output.ts';
import { readExecuteOptions } from './execute-options.ts';
import { executePlan, type ProductionPlan } from './produce.ts';

/** Executes a plan with progress on stderr, prints its report and returns the exit code. */
export async function runAndReport(
  butler: ButlerApi,
  plan: ProductionPlan,
  options: Record<string, unknown>,
  out: Output,
  more: Partial<ExecuteOptions> = {},
): Promise<number> {
  const { chooseDisplay, collectReport, formatReport, progressDisplay, RunFolder } = await import('../../run/index.ts');
  const { graph } = plan;
  const mode = options['quiet'] === true ? 'none' : out.json ? 'json' : chooseDisplay(process.stderr);
  const labels = graph.tasks.map((task) => task.label);
  const summary = await executePlan(butler, plan, {
    ...(await readExecuteOptions(butler, labels, options)),
    ...more,
    onEvent: progressDisplay(process.stderr, mode),
  });
  const report = collectReport(graph, RunFolder.open(butler.root, summary.run));
  out.say(formatReport(report, process.stdout.columns));
  out.value(report);
  return summary.exitCode;
}
