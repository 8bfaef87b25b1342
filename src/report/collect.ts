// SPDX-License-Identifier: BSD-3-Clause
import type { ButlerApi, DatasetRef } from '../butler/index.ts';
import type { Exposure, PhotoCalib, Table } from '../pixels/index.ts';
import type { SkyMap } from '../sky/index.ts';

/** What a report page needs of a run's products, read once. */
export interface SurveyProducts {
  summaries: Table[];
  patches: PatchProducts[];
  skyMap: SkyMap | undefined;
}

/** One patch of one tract: coadds and catalogues by band. */
export interface PatchProducts {
  tract: number;
  patch: number;
  bands: Record<string, { coadd: DatasetRef; photoCalib: PhotoCalib | undefined; catalogue: Table | undefined }>;
}

/** Reads the summaries and catalogues of a run, and finds its coadds (whose pixels are read when they are drawn). */
export async function collectProducts(butler: ButlerApi, run: string, skyMapName?: string): Promise<SurveyProducts> {
  const registered = new Set((await butler.listDatasetTypes()).map((t) => t.name));
  const refsOf = async (type: string): Promise<DatasetRef[]> => {
    if (!registered.has(type)) return [];
    const refs: DatasetRef[] = [];
    for await (const ref of butler.query().datasets(type, { collections: [run], findFirst: true })) refs.push(ref);
    return refs;
  };
  const summaries = await Promise.all((await refsOf('visitSummary')).map((ref) => butler.get(ref) as Promise<Table>));
  const patches = new Map<string, PatchProducts>();
  const keyOf = (ref: DatasetRef) => `${ref.dataId.get('tract')} ${ref.dataId.get('patch')}`;
  let skyMapId = skyMapName;
  for (const coadd of await refsOf('deepCoadd')) {
    skyMapId ??= String(coadd.dataId.get('skymap'));
    const entry = patches.get(keyOf(coadd)) ?? {
      tract: Number(coadd.dataId.get('tract')),
      patch: Number(coadd.dataId.get('patch')),
      bands: {},
    };
    const photoCalib = (await butler.get(coadd, { component: 'photoCalib' })) as Exposure['photoCalib'];
    entry.bands[String(coadd.dataId.get('band'))] = { coadd, photoCalib, catalogue: undefined };
    patches.set(keyOf(coadd), entry);
  }
  for (const ref of await refsOf('deepCoadd_meas')) {
    const band = patches.get(keyOf(ref))?.bands[String(ref.dataId.get('band'))];
    if (band !== undefined) band.catalogue = (await butler.get(ref)) as Table;
  }
  return {
    summaries,
    patches: [...patches.values()].sort((a, b) => a.tract - b.tract || a.patch - b.patch),
    skyMap: skyMapId === undefined ? undefined : await openSkyMap(butler, skyMapId),
  };
}

async function openSkyMap(butler: ButlerApi, name: string): Promise<SkyMap | undefined> {
  const ref = await butler.findDataset('skyMap', { skymap: name }, { collections: ['skymaps'] });
  return ref === undefined ? undefined : ((await butler.get(ref)) as SkyMap);
}
