// SPDX-License-Identifier: BSD-3-Clause
import { ExitCode, splitList, type Verb } from '../verb.ts';
import { withButler } from '../with-butler.ts';

export const registerDatasetType: Verb = {
  name: 'register-dataset-type',
  group: 'Repository',
  summary: 'make a dataset type known',
  arguments: [
    ['<repo>', 'repository'],
    ['<type>', 'name of the dataset type; components such as calexp.wcs come with their whole'],
    ['<storage-class>', 'storage class, e.g. ExposureF, ArrowTable, StructuredDataDict'],
    ['[dimensions...]', 'dimensions, separated by blanks or commas; none for one dataset a collection'],
  ],
  options: [
    { flags: '--is-calibration', description: 'its datasets may have validity ranges' },
    { flags: '--no-is-calibration', description: 'they may not (the default)' },
  ],
  examples: [
    ['register-dataset-type repo calexp ExposureF instrument visit detector', 'an image of each detector of a visit'],
    ['register-dataset-type repo bias ExposureF instrument detector --is-calibration', 'a calibration'],
  ],
  async action({ args, options, out }) {
    return withButler(args['repo'] as string, { writeable: true }, async (butler) => {
      const dimensions = ((args['dimensions'] as string[] | undefined) ?? []).flatMap(splitList);
      const isCalibration = options['isCalibration'] === true;
      const type = butler.makeDatasetType(args['type'] as string, dimensions, args['storage-class'] as string, {
        isCalibration,
      });
      const made = (await butler.registerDatasetTypes([type])) > 0;
      out.say(
        made
          ? `Registered ${type.name} {${type.dimensions.required.join(', ')}}, ${type.storageClass}.`
          : `${type.name} is registered already, with this definition.`,
      );
      const { name, storageClass } = type;
      const { validateConfig } = await import('../../butler/index.ts');
      const { problems, notes } = await validateConfig(butler, { datasetTypes: [name] });
      for (const { problem } of [...problems, ...notes].filter(({ where }) => where === name))
        out.warn(`${name}: ${problem}`);
      out.value({ name, dimensions: type.dimensions.required, storageClass, isCalibration, registered: made });
      return ExitCode.ok;
    });
  },
};
