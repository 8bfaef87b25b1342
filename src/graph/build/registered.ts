// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { type PipelineDatasetType, type ResolvedPipeline, splitComponent } from '../../pipeline/index.ts';
import { graphErrors } from '../errors.ts';
import type { BuildContext } from './candidates.ts';
import type { RegisteredType } from './source.ts';

/**
 * Compares the dataset types of the pipeline with those that the repository knows, before anything large is asked: a type that is there
 * must have the pipeline's dimensions, and a storage class that each task's own can be made of and into; it is the one that counts.
 * Prerequisites of types that nobody ever registered are told.
 * @returns the pipeline with the storage classes of the repository
 */
export async function asRegistered(context: BuildContext): Promise<ResolvedPipeline> {
  const { source, pipeline, report } = context;
  const names = await source.datasetTypeNames();
  const datasetTypes = new Map<string, PipelineDatasetType>();
  for (const [name, type] of pipeline.datasetTypes) {
    const registered = await source.registered(name);
    datasetTypes.set(name, registered === undefined ? type : { ...type, storageClass: registered.storageClass });
    if (registered !== undefined) {
      checkDimensions(context, type, registered);
      checkStorageClass(context, type, registered);
      continue;
    }
    const reader = type.consumers.find((consumer) => consumer.prerequisite);
    if (reader === undefined || type.producer !== undefined) continue;
    report.warnings.push(
      `The repository has no dataset type "${name}", a prerequisite of ${reader.label}.${didYouMean(name, names)}`,
    );
  }
  return { ...pipeline, datasetTypes };
}

function checkDimensions(
  { source }: BuildContext,
  { name, dimensions }: PipelineDatasetType,
  there: RegisteredType,
): void {
  const [repository, pipeline] = [there.dimensions, dimensions].map((names) =>
    source.universe.conform(names).names.join(', '),
  );
  if (repository !== pipeline) throw graphErrors.TYPE_DISAGREES({ datasetType: name, repository, pipeline });
}

/** Every task that names the type as a whole; what reads a component of it says nothing of the whole. */
function checkStorageClass(
  { source, pipeline }: BuildContext,
  { name, producer, consumers }: PipelineDatasetType,
  { storageClass }: RegisteredType,
): void {
  const places = [...(producer === undefined ? [] : [producer]), ...consumers];
  for (const { label, connection } of places) {
    const task = pipeline.tasks.find(({ declaration }) => declaration.label === label);
    const declared = task?.declaration.connections[connection];
    if (declared === undefined || splitComponent(declared.datasetType).component !== undefined) continue;
    const { storage } = declared;
    if (storage === storageClass || source.convertible(storageClass, storage)) continue;
    throw graphErrors.STORAGE_DISAGREES({
      datasetType: name,
      repository: storageClass,
      connection: `${label}.${connection}`,
      storage,
    });
  }
}
