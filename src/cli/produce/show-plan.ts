// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi } from '../../butler/index.ts';
import type { ExecuteOptions, RerunPlan } from '../../run/index.ts';
import type { Output } from '../output.ts';
import { readExclusions } from './execute-options.ts';
import type { ProductionPlan } from './produce.ts';

/** What would run, what would not, and why. */
export async function showDryRun(
  butler: ButlerApi,
  plan: ProductionPlan,
  options: Record<string, unknown>,
  out: Output,
): Promise<void> {
  const { graph, continued } = plan;
  const run = graph.header.outputRun;
  const rerun = plan.judged?.plan ?? (await resumePlan(butler, plan, options));
  for (const note of plan.notes) out.warn(note);
  if (rerun === undefined) {
    out.say(`Would run ${graph.quantumCount} quanta into ${run}.`);
    return;
  }
  out.say(
    continued === undefined
      ? `Would continue ${rerun.earlier.join(', ')} in a new run of the chain:`
      : `Would continue run ${run} (the same command began it):`,
  );
  await sayPlan(rerun, out);
  out.value(rerun);
  const left = rerun.excluded > 0 ? `, ${rerun.excluded} are excluded` : '';
  if (rerun.rerun === 0) out.say(`There is nothing to run: ${rerun.kept} of ${rerun.quanta} quanta are done${left}.`);
  else out.say(`Would run ${rerun.rerun} quanta into ${run}; ${rerun.kept} of ${rerun.quanta} are kept${left}.`);
}

/** Says before it starts what a continued production keeps. @returns false where there is nothing to run */
export async function sayWhatIsKept(plan: ProductionPlan, out: Output): Promise<boolean> {
  const { graph, continued, judged } = plan;
  if (continued !== undefined) out.say(`Continuing run ${graph.header.outputRun} (the same command began it).`);
  for (const note of plan.notes) out.warn(note);
  if (judged === undefined) return true;
  const { kept, quanta, rerun, earlier } = judged.plan;
  if (rerun === 0) {
    out.say(`There is nothing to run: all ${quanta} quanta are done, in ${earlier.join(', ')}.`);
    out.value(judged.plan);
    return false;
  }
  if (kept > 0) out.say(`Continuing ${earlier.join(', ')}: ${kept} of ${quanta} quanta are kept, ${rerun} run:`);
  else out.say(`Nothing of ${earlier.join(', ')} can be kept:`);
  await sayPlan(judged.plan, out);
  return true;
}

async function sayPlan(plan: RerunPlan, out: Output): Promise<void> {
  const { planLines } = await import('../../run/index.ts');
  for (const line of planLines(plan)) out.say(line);
}

/** Of a run that goes on. */
async function resumePlan(
  butler: ButlerApi,
  { graph, continued }: ProductionPlan,
  options: Record<string, unknown>,
): Promise<RerunPlan | undefined> {
  if (continued === undefined) return undefined;
  const { findExcluded, planResume, readPredecessor, verifyFiles } = await import('../../run/index.ts');
  const verify = options['verify'] as ExecuteOptions['verify'];
  const run = await readPredecessor(continued, graph, (files) => verifyFiles(butler, files, verify));
  return planResume(graph, run, findExcluded(graph, await readExclusions(butler, options))).plan;
}
