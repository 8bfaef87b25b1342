// SPDX-License-Identifier: BSD-3-Clause
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const registerInstrument: Verb = {
  name: 'register-instrument',
  group: 'Repository',
  summary: 'add instruments: their detectors, filters and header rules',
  arguments: [
    ['<repo>', 'repository'],
    [
      '<instruments...>',
      'built-in names (decam, hsc, megaprime, nickel, sdss, simcam, suprimecam) or instrument YAML files',
    ],
  ],
  options: [{ flags: '--update', description: 'replace records that differ' }],
  examples: [
    ['register-instrument repo nickel', 'the Nickel telescope, built in'],
    ['register-instrument repo mycam.yaml --update', 'a camera described in YAML, again after a change'],
  ],
  async action({ args, options, out }) {
    const { registerInstrument: register } = await import('../../instruments/index.ts');
    return withButler(args['repo'] as string, { writeable: true }, async (butler) => {
      const done = [];
      for (const name of args['instruments'] as string[]) {
        const instrument = await register(butler, name, { update: options['update'] === true });
        out.say(
          `Registered ${instrument.name}: ${instrument.detectors.length} detectors, filters ${instrument.filters.map((f) => f.physicalFilter).join(', ')}.`,
        );
        done.push({
          name: instrument.name,
          detectors: instrument.detectors.length,
          filters: instrument.filters.map((f) => f.physicalFilter),
        });
      }
      out.value(done);
      return 0;
    });
  },
};
