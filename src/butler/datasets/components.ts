// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import { butlerErrors } from '../errors.ts';
import type { Registry } from '../registry/registry.ts';
import type { DatasetType } from '../types.ts';

interface StorageClassParts {
  readonly like?: string;
  readonly components?: Readonly<Record<string, string>>;
}

const table = (schema: string, columns = 'ArrowColumnList'): StorageClassParts => ({
  components: { columns, rowcount: 'int', schema },
});
const planes = (image: string): StorageClassParts => ({
  like: 'Exposure',
  components: { image, mask: 'MaskX', variance: 'ImageF' },
});
const projected = { sky_projection: 'SkyProjection', bbox: 'BoxV2' };

/** Components of the Gen3 storage classes, each with its own storage class. Part of the format: names of others pass unchanged. */
const storageClasses: Readonly<Record<string, StorageClassParts>> = {
  MaskedImage: { components: { image: 'Image', mask: 'Mask', variance: 'Image' } },
  MaskedImageF: { like: 'MaskedImage' },
  MaskedImageU: { like: 'MaskedImage' },
  MaskedImageI: { like: 'MaskedImage' },
  DataFrame: table('DataFrameSchema', 'DataFrameIndex'),
  ArrowTable: table('ArrowSchema'),
  ArrowAstropy: table('ArrowAstropySchema'),
  ArrowNumpy: table('ArrowNumpySchema'),
  ArrowNumpyDict: table('ArrowNumpySchema'),
  Exposure: {
    components: {
      image: 'Image',
      mask: 'Mask',
      variance: 'Image',
      wcs: 'Wcs',
      psf: 'Psf',
      photoCalib: 'PhotoCalib',
      visitInfo: 'VisitInfo',
      apCorrMap: 'ApCorr',
      coaddInputs: 'CoaddInputs',
      transmissionCurve: 'TransmissionCurve',
      metadata: 'PropertyList',
      filter: 'FilterLabel',
      detector: 'Detector',
      validPolygon: 'Polygon',
      summaryStats: 'ExposureSummaryStats',
      id: 'int',
      bbox: 'Box2I',
      dimensions: 'Extent2I',
      xy0: 'Point2I',
    },
  },
  ExposureF: planes('ImageF'),
  ExposureI: planes('ImageI'),
  ExposureU: planes('ImageU'),
  HealSparseMap: { components: { coverage: 'HealSparseCoverage' } },
  ProvenanceQuantumGraph: {
    components: { packages: 'Packages', logs: 'StructuredDataDict', metadata: 'StructuredDataDict' },
  },
  ImageV2: { components: { ...projected, unit: 'AstropyUnit' } },
  MaskV2: { components: projected },
  MaskedImageV2: {
    components: {
      ...projected,
      image: 'ImageV2',
      mask: 'MaskV2',
      variance: 'ImageV2',
      unit: 'AstropyUnit',
      components: 'StructuredDataDict',
    },
  },
  VisitImage: {
    like: 'MaskedImageV2',
    components: {
      psf: 'PointSpreadFunction',
      obs_info: 'ObservationInfo',
      summary_stats: 'ObservationSummaryStats',
      aperture_corrections: 'StructuredDataDict',
      detector: 'DetectorV2',
      photometric_scaling: 'ImageField',
      backgrounds: 'BackgroundMap',
      bounds: 'Bounds',
      masked_image: 'MaskedImageV2',
    },
  },
  DifferenceImage: {
    like: 'VisitImage',
    components: { kernel: 'ConvolutionKernel', templates: 'StructuredDataList' },
  },
  ColorImage: { components: { sky_projection: 'SkyProjection' } },
  CellCoadd: {
    like: 'MaskedImageV2',
    components: {
      psf: 'CellPointSpreadFunction',
      aperture_corrections: 'StructuredDataDict',
      provenance: 'CellCoaddProvenance',
      backgrounds: 'BackgroundMap',
      masked_image: 'MaskedImageV2',
    },
  },
};

/** Names of the components of a storage class, with their storage classes. */
export function componentsOf(storageClass: string): Readonly<Record<string, string>> {
  const { like, components } = storageClasses[storageClass] ?? {};
  return { ...(like === undefined ? {} : componentsOf(like)), ...components };
}

/**
 * The dataset type of a name, which may be that of a component (`calexp.wcs`): of the dimensions of its parent and the component's
 * storage class.
 * @throws BUTLER_NO_DATASET_TYPE, BUTLER_NO_COMPONENT
 */
export async function datasetTypeNamed(registry: Registry, name: string): Promise<DatasetType> {
  const at = name.indexOf('.');
  if (at < 0) return (await registry.types.get(name)).type;
  const parent = (await registry.types.get(name.slice(0, at))).type;
  const component = name.slice(at + 1);
  const components = componentsOf(parent.storageClass);
  const storageClass = components[component];
  if (storageClass === undefined) {
    const hint = didYouMean(component, Object.keys(components));
    throw butlerErrors.NO_COMPONENT({ component, storageClass: parent.storageClass, hint });
  }
  return Object.freeze({ ...parent, name, storageClass });
}
