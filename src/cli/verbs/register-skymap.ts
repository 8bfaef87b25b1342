// SPDX-License-Identifier: BSD-3-Clause
import { cliErrors, parseAssignment } from '../errors.ts';
import { Progress } from '../progress.ts';
import type { Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const registerSkyMap: Verb = {
  name: 'register-skymap',
  group: 'Repository',
  summary: 'add a sky map: how the sky is cut into tracts and patches',
  arguments: [['<repo>', 'repository']],
  options: [
    { flags: '-C, --config-file <yaml>', description: 'sky map as YAML: name, type and its parameters' },
    {
      flags: '-c, --config <name=value>',
      description: 'one parameter, e.g. raList=[150.1]; repeat for more',
      list: true,
      parse: (text) => text,
    },
  ],
  examples: [
    [
      'register-skymap repo -c name=demo -c type=discrete -c raList=[150.1] -c decList=[2.2] -c radiusList=[0.1] -c pixelScale=0.3',
      'one tract around a point',
    ],
    ['register-skymap repo -C skymaps/rings.yaml', 'a map of the whole sky from a file'],
  ],
  async action({ args, options, out }) {
    const { parse } = await import('yaml');
    const { skyMapFromPlain } = await import('../../sky/index.ts');
    const { registerSkyMap: register } = await import('../../butler/index.ts');
    const plain = options['configFile'] === undefined ? {} : await readYaml(options['configFile']);
    for (const text of (options['config'] as string[] | undefined) ?? []) {
      const [name, value] = parseAssignment(text);
      plain[name] = parse(value);
    }
    if (typeof plain['name'] !== 'string') {
      throw cliErrors.BAD_CONFIG({ what: 'sky map', problem: 'it has no name (-c name=…)' });
    }
    const skyMap = await skyMapFromPlain(plain);
    return withButler(args['repo'] as string, { writeable: true }, async (butler) => {
      const progress = new Progress('tracts', out);
      const report = await register(butler, skyMap, { onProgress: (done, total) => progress.update(done, total) });
      progress.end();
      out.say(
        report.registered
          ? `Registered sky map ${report.name}: ${report.tracts} tracts, ${report.patches} patches.`
          : `Sky map ${report.name} is registered already.`,
      );
      out.value(report);
      return 0;
    });
  },
};

async function readYaml(file: string): Promise<Record<string, unknown>> {
  const { readFile } = await import('node:fs/promises');
  const { parse } = await import('yaml');
  try {
    const value: unknown = parse(await readFile(file, 'utf8'));
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch (cause) {
    throw cliErrors.FILE_UNREADABLE({ file, reason: (cause as Error).message }, { cause });
  }
  throw cliErrors.FILE_UNREADABLE({ file, reason: 'it is not a mapping of names to values' });
}
