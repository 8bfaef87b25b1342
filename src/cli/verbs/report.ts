// SPDX-License-Identifier: BSD-3-Clause
import type { Butler } from '../../butler/index.ts';
import type { QuantumGraph } from '../../graph/index.ts';
import type { ReadRun, RunFolder } from '../../run/index.ts';
import { cliErrors } from '../errors.ts';
import type { Output } from '../output.ts';
import { openRun } from '../produce/open-run.ts';
import { Progress } from '../progress.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const report: Verb = {
  name: 'report',
  group: 'Understand',
  summary: 'report on a run: what ran, what failed and why, what it cost; with --html a page with pictures',
  details:
    'Works while the run goes on, and after its controller was killed. Failures are grouped by signature, with what they have in common that ' +
    'others have not. On the page every number leads to its list, and every failure to its cause and log.',
  arguments: [
    ['<repo>', 'repository'],
    ['[run]', 'run, or output chain for its newest run; without it the runs are listed, newest first'],
    ['[other]', 'a second run: what is different in it'],
  ],
  options: [
    { flags: '--html <file>', description: 'write a self-contained page with pictures and plots' },
    { flags: '--list <what>', description: 'the quanta a number counts: failed, isr:failed, isr, or a dataset type' },
    { flags: '--chain <name>', description: 'sums over all runs of an output chain' },
    { flags: '--truth <file>', description: 'truth of a simulated survey, to measure the catalogues against' },
  ],
  examples: [
    ['report repo', 'what runs there are'],
    ['report repo u/me/drp', 'tables in the terminal'],
    ['report repo u/me/drp --list isr:failed', 'the failed quanta of one task by data ID'],
    ['report repo u/me/drp --list deepCoadd', 'the coadds that are missing'],
    [
      'report repo u/me/drp/20260101T000000Z u/me/drp --html diff.html',
      'two runs beside each other, and what failed in only one of them',
    ],
    ['report repo --chain u/me/drp', 'all runs of a campaign, and what they cost together'],
    [
      'report demo/repo u/demo/drp --truth demo/survey/truth.fits --html report.html',
      'a page with residuals against the truth',
    ],
  ],
  exitCodes: { 4: 'the repository has no run, or the list is empty' },
  async action({ args, options, out }) {
    const [repo, name, other] = [args['repo'], args['run'], args['other']] as (string | undefined)[];
    const { html, list, chain, truth } = options as Record<string, string | undefined>;
    refuseMixtures({ name, other, html, list, chain, truth });
    return withButler(repo!, { writeable: false }, async (butler) => {
      if (chain !== undefined) return (await import('../reports/campaign.ts')).reportCampaign(butler, chain, out);
      if (name === undefined) return listRunsOf(butler, out);
      const [folder, graph] = await open(butler, name);
      if (other !== undefined) return compare({ folder, graph }, await open(butler, other), out, html);
      const run = await read(graph, folder, out);
      if (list !== undefined) return (await import('../reports/list-quanta.ts')).listQuanta(out, graph, run, list);
      const { formatReport } = await import('../../run/index.ts');
      out.say(formatReport(run.report, process.stdout.columns));
      if (html === undefined && truth === undefined) {
        out.value(run.report);
        return ExitCode.ok;
      }
      return writePage(butler, { ...run, graph, folder, repo: repo! }, out, html, truth);
    });
  },
};

function refuseMixtures(given: Record<'name' | 'other' | 'html' | 'list' | 'chain' | 'truth', string | undefined>) {
  const refuse = (problem: string) => {
    throw cliErrors.OPTIONS({ problem });
  };
  const { name, other, html, list, chain, truth } = given;
  if (chain !== undefined && (name ?? html ?? list ?? truth) !== undefined)
    refuse('--chain is about all runs of a chain: give no run, --html, --list or --truth with it');
  if (other !== undefined && (list ?? truth) !== undefined)
    refuse('--list and --truth are about one run, but two are given');
  if (list !== undefined && (html ?? truth) !== undefined)
    refuse('--list prints a list alone: leave out --html and --truth');
  if (name === undefined && (html ?? list ?? truth) !== undefined) refuse('--html, --list and --truth need a run');
}

async function open(butler: Butler, name: string): Promise<[RunFolder, QuantumGraph]> {
  const { openGraph } = await import('../../graph/index.ts');
  const folder = await openRun(butler, name);
  return [folder, await openGraph(folder.graphPath)];
}

async function read(graph: QuantumGraph, folder: RunFolder, out: Output): Promise<ReadRun> {
  const { readRun } = await import('../../run/index.ts');
  const progress = new Progress('Bytes of the log read', { quiet: out.quiet });
  const run = readRun(graph, folder, { onProgress: (done, total) => progress.update(done, total) });
  progress.end();
  return run;
}

async function compare(
  a: { folder: RunFolder; graph: QuantumGraph },
  [folder, graph]: [RunFolder, QuantumGraph],
  out: Output,
  html: string | undefined,
): Promise<number> {
  const { compareRuns, formatComparison } = await import('../../run/index.ts');
  const comparison = compareRuns(a, { folder, graph });
  out.say(formatComparison(comparison, process.stdout.columns));
  if (html !== undefined) {
    const { comparisonPage } = await import('../../report/index.ts');
    await write(html, comparisonPage(comparison), out);
  }
  out.value(comparison);
  return ExitCode.ok;
}

async function writePage(
  butler: Butler,
  view: ReadRun & { graph: QuantumGraph; folder: RunFolder; repo: string },
  out: Output,
  html: string | undefined,
  truthFile: string | undefined,
): Promise<number> {
  const { surveyReport } = await import('../../report/index.ts');
  const survey = await surveyReport(butler, view, { truthFile });
  if (survey.problem !== undefined) out.warn(`the page has no pictures: ${survey.problem}`);
  if (!out.json && survey.checks.length > 0) {
    out.rows(
      ['figure', 'measured', 'goal', ''],
      survey.checks.map((c) => [
        c.name,
        c.value,
        c.goal,
        c.ok === undefined ? 'too few to judge' : c.ok ? 'met' : 'MISSED',
      ]),
    );
  }
  if (html !== undefined) await write(html, survey.html, out);
  out.value({ run: view.report, checks: survey.checks });
  return ExitCode.ok;
}

async function write(file: string, text: string, out: Output): Promise<void> {
  const { writeFile } = await import('node:fs/promises');
  const { systemError } = await import('../../base/index.ts');
  await writeFile(file, text).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code ?? ''))
      throw cliErrors.OPTIONS({ problem: `--html ${file} cannot be written: ${error.code}` });
    throw systemError(error, file);
  });
  out.say(`Wrote ${file}.`);
}

async function listRunsOf(butler: Butler, out: Output): Promise<number> {
  const { listRuns } = await import('../../run/index.ts');
  const runs = listRuns(butler.root);
  if (runs.length === 0) out.warn('there is no run in this repository');
  if (out.json) out.value(runs);
  else if (runs.length > 0)
    out.rows(
      ['run', 'begun', 'pipeline', 'where'],
      runs.map((r) => [r.run, r.createdAt, r.pipeline, r.where]),
    );
  return runs.length === 0 ? ExitCode.nothing : ExitCode.ok;
}
