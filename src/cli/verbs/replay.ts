// SPDX-License-Identifier: BSD-3-Clause
import { openRun } from '../produce/open-run.ts';
import { ExitCode, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const replay: Verb = {
  name: 'replay',
  group: 'Understand',
  summary: 'run one quantum of a run again in a scratch folder, and compare with what the run recorded',
  details:
    'The quantum gets the inputs it had, its configuration and its seed from the records of the run, and the environment variables ' +
    'of that execution. Nothing of the repository is changed.',
  arguments: [
    ['<repo>', 'repository'],
    ['<run>', 'run, or output chain for its newest run'],
    ['<quantum...>', 'UUID, row number, "label key=value …", or a dataset that the quantum makes'],
  ],
  options: [
    {
      flags: '--folder <folder>',
      description: 'where outputs and log go (default: a new folder among the temporary files)',
    },
  ],
  examples: [
    ['replay repo u/me/drp isr exposure=2026011000012 detector=3', 'is the failure still there?'],
    ['replay repo u/me/drp deepCoadd patch=4 band=r --folder /scratch/coadd', 'make a dataset again beside the run'],
    ['replay repo u/me/drp 17 --json', 'outputs, digests and differences for programs'],
  ],
  exitCodes: {
    3: 'it did not end as recorded, or made something else',
    4: 'no such quantum in the run',
    130: 'stopped (Ctrl-C)',
  },
  async action({ args, options, out }) {
    const {
      findInGraph,
      formatReplay,
      packageVersions,
      replay: replayOf,
      runErrors,
    } = await import('../../run/index.ts');
    const { openGraph } = await import('../../graph/index.ts');
    const { default: packageJson } = await import('../../../package.json', { with: { type: 'json' } });
    return withButler(args['repo'] as string, { writeable: false }, async (butler) => {
      const folder = await openRun(butler, args['run'] as string);
      const graph = await openGraph(folder.graphPath);
      const what = [args['quantum']].flat().join(' ');
      const found = findInGraph(graph, what).map((one) =>
        'quantum' in one ? one.quantum : graph.dataset(one.dataset).producer,
      );
      const quanta = [...new Set(found)].filter((quantum) => quantum !== undefined);
      if (quanta.length === 0) {
        out.warn(`no quantum of this run is or makes "${what}"`);
        return ExitCode.nothing;
      }
      if (quanta.length > 1) throw runErrors.NOT_ONE_QUANTUM({ what, count: quanta.length });
      const stop = new AbortController();
      const onSignal = () => stop.abort();
      process.once('SIGINT', onSignal).once('SIGTERM', onSignal);
      try {
        const result = await replayOf(graph, butler, folder, quanta[0], {
          worker: { file: process.execPath, args: [new URL('../worker.ts', import.meta.url).pathname] },
          folder: options['folder'],
          packages: { skymill: packageJson.version, ...packageVersions() },
          signal: stop.signal,
        });
        out.say(formatReplay(result));
        out.value(result);
        if (stop.signal.aborted) return ExitCode.interrupted;
        return result.same === false || (result.same === undefined && result.outcome === 'failed')
          ? ExitCode.partial
          : ExitCode.ok;
      } finally {
        process.off('SIGINT', onSignal).off('SIGTERM', onSignal);
      }
    });
  },
};
