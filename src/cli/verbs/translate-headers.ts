// SPDX-License-Identifier: BSD-3-Clause
import { dirname } from 'node:path';
import type { Instrument, StandardObservation } from '../../instruments/index.ts';
import { expandPaths } from '../paths.ts';
import { ExitCode, type Verb } from '../verb.ts';

interface Translated {
  path: string;
  observation: StandardObservation;
}

export const translateHeaders: Verb = {
  name: 'translate-headers',
  group: 'Ingest',
  summary: 'say in standard terms what the headers of raw files say; write sidecar and index files of it',
  details:
    'Instruments are tried until one recognises the file. Sidecar (<name>.json beside each file) and index files (_index.json in each folder) are read by ingest-raws instead of the headers.',
  arguments: [['<locations...>', 'files, folders (searched for FITS files), globs, or @list']],
  options: [
    {
      flags: '--instrument <name>',
      description: 'built-in name or YAML file; repeat (default: all built in)',
      list: true,
    },
    { flags: '--write-sidecar', description: 'write a sidecar file beside each file of one detector' },
    { flags: '--write-index', description: 'write an index of each folder' },
  ],
  examples: [
    ['translate-headers raw/*.fits', 'a table of what was observed'],
    ['translate-headers /data/night1 --write-index', 'so that the next ingest opens no file'],
    ['translate-headers one.fits --json', 'every property of one file'],
  ],
  exitCodes: { 3: 'some files could not be understood' },
  async action({ args, options, out }) {
    const room = await import('../../instruments/index.ts');
    const { toPlainError } = await import('../../base/index.ts');
    const names = (options['instrument'] as string[] | undefined) ?? room.builtInInstruments();
    const instruments: Instrument[] = await Promise.all(names.map((name) => room.loadInstrument(name)));
    const done: Translated[] = [];
    let failed = 0;
    for (const path of await expandPaths(args['locations'] as string[])) {
      try {
        const each = await room.translateFile(path, instruments);
        done.push(...each.map((observation) => ({ path, observation })));
        if (options['writeSidecar'] === true && each.length === 1) await room.writeSidecar(path, each[0]);
      } catch (error) {
        failed++;
        out.error(toPlainError(error), false);
      }
    }
    if (options['writeIndex'] === true) {
      const single = [...Map.groupBy(done, ({ path }) => path).values()].flatMap((own) =>
        own.length === 1 ? own : [],
      );
      for (const [folder, files] of Map.groupBy(single, ({ path }) => dirname(path))) {
        const file = await room.writeIndex(folder, files);
        out.say(`Wrote ${file}: ${files.length} files.`);
      }
    }
    if (out.json) {
      out.value(done.map(({ path, observation }) => ({ path, ...room.observationToSimple(observation) })));
    } else {
      out.rows(
        ['File', 'Instrument', 'Exposure', 'Detector', 'Day', 'Type', 'Filter', 'Seconds', 'Object'],
        done.map(({ path, observation: o }) => [
          path,
          o.instrument,
          o.exposureId,
          o.detectorUniqueName ?? o.detectorNum,
          o.observingDay,
          o.observationType,
          o.physicalFilter,
          o.exposureTimeSeconds,
          o.object,
        ]),
      );
    }
    return failed > 0 ? ExitCode.partial : ExitCode.ok;
  },
};
