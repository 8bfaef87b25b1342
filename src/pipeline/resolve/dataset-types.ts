// SPDX-License-Identifier: BSD-3-Clause
import type { Place } from '../../base/index.ts';
import { StorageClasses, type Universe } from '../../butler/index.ts';
import { pipelineErrors } from '../errors.ts';
import type { Connection } from '../task.ts';
import {
  type Endpoint,
  type PipelineDatasetType,
  packagesDatasetType,
  type ResolvedTask,
  splitComponent,
} from './model.ts';

interface Draft extends Omit<PipelineDatasetType, 'consumers' | 'storageClass'> {
  /** Empty as long as only components of it are named. */
  storageClass: string;
  consumers: (Endpoint & { prerequisite: boolean })[];
  /** Who said what the type is like. */
  saidBy: Endpoint;
}

/** A pipeline knows no repository: what is alike everywhere. */
const storageClasses = new StorageClasses({});

/**
 * Dataset types of all connections. Two writers of one type, and readers that disagree about storage class, dimensions or
 * kind, are errors. With a universe, dimensions are compared after closing them under dependencies.
 */
export function agreeDatasetTypes(
  tasks: readonly Pick<ResolvedTask, 'declaration'>[],
  places: ReadonlyMap<string, Place>,
  universe: Universe | undefined,
): Map<string, PipelineDatasetType> {
  const types = new Map<string, Draft>();
  const all = tasks.flatMap(({ declaration }) =>
    Object.entries(declaration.connections).map(([connection, value]) => ({
      label: declaration.label,
      connection,
      value,
    })),
  );
  const isWriter = (connection: Connection) => connection.kind === 'output' || connection.kind === 'initOutput';
  for (const { label, connection, value } of all) {
    if (!isWriter(value)) continue;
    const known = types.get(value.datasetType);
    if (known !== undefined) {
      throw pipelineErrors.TWO_PRODUCERS(
        { datasetType: value.datasetType, first: name(known.saidBy), second: name({ label, connection }) },
        { place: places.get(label) },
      );
    }
    types.set(value.datasetType, draft(value.datasetType, value, { label, connection }, true));
  }
  for (const { label, connection, value } of all) {
    if (isWriter(value)) continue;
    const { parent, component } = splitComponent(value.datasetType);
    const prerequisite = value.kind === 'prerequisite';
    let known = types.get(parent);
    if (known === undefined) {
      const whole = component === undefined ? value : { ...value, storage: '' };
      known = draft(parent, whole, { label, connection }, false);
      types.set(parent, known);
    } else compare(known, value, component, { label, connection }, places.get(label), universe);
    if (prerequisite && known.producer !== undefined) {
      throw pipelineErrors.OWN_PREREQUISITE(
        { datasetType: parent, label, producer: name(known.producer) },
        { place: places.get(label) },
      );
    }
    known.consumers.push({ label, connection, prerequisite });
  }
  types.set(packagesDatasetType, {
    ...draft(
      packagesDatasetType,
      { kind: 'initOutput', datasetType: packagesDatasetType, storage: 'Packages' },
      { label: '', connection: '' },
      false,
    ),
    isInit: true,
  });
  return new Map(
    [...types].map(([key, { saidBy: _, ...type }]) => [
      key,
      Object.freeze({ ...type, consumers: Object.freeze(type.consumers) }),
    ]),
  );
}

function draft(datasetType: string, connection: Connection, at: Endpoint, writes: boolean): Draft {
  return {
    name: datasetType,
    dimensions: connection.dimensions ?? [],
    storageClass: connection.storage,
    isCalibration: connection.isCalibration ?? false,
    isInit: connection.kind === 'initInput' || connection.kind === 'initOutput',
    producer: writes ? at : undefined,
    consumers: [],
    saidBy: at,
  };
}

function compare(
  known: Draft,
  value: Connection,
  component: string | undefined,
  at: Endpoint,
  place: Place | undefined,
  universe: Universe | undefined,
): void {
  const said = { datasetType: known.name, first: name(known.saidBy), second: name(at) };
  const isInit = value.kind === 'initInput';
  if (isInit !== known.isInit) {
    throw pipelineErrors.INIT_DISAGREES(
      { ...said, first: isInit ? name(at) : said.first, second: isInit ? said.first : name(at) },
      { place },
    );
  }
  const [a, b] = [closed(known.dimensions, universe), closed(value.dimensions ?? [], universe)];
  if (a !== b)
    throw pipelineErrors.DIMENSIONS_DISAGREE({ ...said, firstDimensions: a, secondDimensions: b }, { place });
  if (component !== undefined || value.storage === known.storageClass) return;
  if (known.storageClass === '') {
    known.storageClass = value.storage;
    known.saidBy = at;
    return;
  }
  if (storageClasses.convertible(known.storageClass, value.storage)) return;
  throw pipelineErrors.STORAGE_CLASS_DISAGREES(
    { ...said, firstClass: known.storageClass, secondClass: value.storage },
    { place },
  );
}

function closed(dimensions: readonly string[], universe: Universe | undefined): string {
  return (universe === undefined ? [...dimensions].sort() : universe.conform(dimensions).names).join(', ');
}

function name(at: Endpoint): string {
  return `${at.label}.${at.connection}`;
}
