// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { graphErrors } from '../errors.ts';
import type { BuildContext } from './candidates.ts';

/**
 * Compares the dataset types of the pipeline with those that the repository knows, before anything large is asked: a type that is there
 * must have the pipeline's dimensions; prerequisites of types that nobody ever registered are told.
 */
export async function checkRegistered({ source, pipeline, report }: BuildContext): Promise<void> {
  const names = await source.datasetTypeNames();
  for (const type of pipeline.datasetTypes.values()) {
    const registered = await source.datasetTypeDimensions(type.name);
    if (registered === undefined) {
      const reader = type.consumers.find((consumer) => consumer.prerequisite);
      if (reader === undefined || type.producer !== undefined) continue;
      report.warnings.push(
        `The repository has no dataset type "${type.name}", a prerequisite of ${reader.label}.${didYouMean(type.name, names)}`,
      );
      continue;
    }
    const [there, here] = [registered, type.dimensions].map((dimensions) =>
      source.universe.conform(dimensions).names.join(', '),
    );
    if (there !== here) throw graphErrors.TYPE_DISAGREES({ datasetType: type.name, repository: there, pipeline: here });
  }
}
