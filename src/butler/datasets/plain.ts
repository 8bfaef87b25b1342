// SPDX-License-Identifier: BSD-3-Clause
import type { Universe } from '../contract.ts';
import type { DataId, DatasetRef, DatasetType } from '../types.ts';

/** A dataset type as JSON. */
export interface PlainDatasetType {
  name: string;
  dimensions: string[];
  storageClass: string;
  isCalibration: boolean;
}

/** A dataset reference as JSON: what crosses a process boundary. */
export interface PlainRef {
  id: string;
  datasetType: PlainDatasetType;
  dataId: DataId;
  run: string;
}

export function typeToPlain(type: DatasetType): PlainDatasetType {
  const { name, storageClass, isCalibration } = type;
  return { name, dimensions: [...type.dimensions.required], storageClass, isCalibration };
}

export function typeFromPlain(universe: Universe, plain: PlainDatasetType): DatasetType {
  return Object.freeze({ ...plain, dimensions: universe.conform(plain.dimensions) });
}

export function refToPlain(ref: DatasetRef): PlainRef {
  return { id: ref.id, datasetType: typeToPlain(ref.datasetType), dataId: ref.dataId.toDataId(), run: ref.run };
}

export function refFromPlain(universe: Universe, plain: PlainRef): DatasetRef {
  const datasetType = typeFromPlain(universe, plain.datasetType);
  const dataId = universe.coordinate(datasetType.dimensions, plain.dataId);
  return { id: plain.id, datasetType, dataId, run: plain.run };
}
