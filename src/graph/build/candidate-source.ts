// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type {
  ButlerApi,
  CollectionInfo,
  DataIdColumns,
  DatasetColumns,
  DatasetType,
  QueryApi,
  Timespan,
} from '../../butler/index.ts';
import type { CalibrationColumns, CandidateSource, DataIdRequest, DatasetRequest } from './source.ts';

/** The builder's questions, put to a repository. */
export function candidateSource(butler: ButlerApi): CandidateSource {
  const types = once(async () => new Map((await butler.listDatasetTypes()).map((type) => [type.name, type])));
  const collections = once(async () => new Map((await butler.listCollections()).map((info) => [info.name, info])));
  const sent = new Map<string, boolean>();
  return {
    repositoryId: butler.repositoryId,
    universe: butler.universe,
    async *dataIds(request) {
      if (unknownTypes(request, await types()).length > 0) return;
      yield* ask(butler, request).dataIdColumnBatches(request.dimensions, { implied: request.implied });
    },
    async explain(request) {
      const known = await types();
      const unknown = unknownTypes(request, known);
      if (unknown.length === 0) return ask(butler, request).explainNoResults(request.dimensions);
      return unknown.map((name) => `The repository has no dataset type "${name}".${didYouMean(name, known.keys())}`);
    },
    async *datasets(request) {
      const known = (await types()).has(request.datasetType);
      const infos = await collections();
      const searched = request.collections.filter((name) => infos.has(name));
      if (!known || searched.length === 0 || request.within?.rows === 0) return;
      const query = await within(butler.query(), request, searched, sent);
      yield* query.datasetColumnBatches(request.datasetType, { collections: searched, findFirst: true });
    },
    async calibrations(request) {
      if (!(await types()).has(request.datasetType))
        return { ...nothing(request), timespans: [], order: new Uint32Array(0) };
      return calibrations(butler, request, await collections());
    },
    async records(element, table) {
      const records = [];
      for await (const record of butler.query().joinDataIds(table).dimensionRecords(element)) records.push(record);
      return records;
    },
    files: (ids) => butler.getFileRecords(ids),
    hasRun: async (name) => (await collections()).get(name)?.type === 'RUN',
    async count(request) {
      if (unknownTypes(request, await types()).length > 0) return 0;
      return ask(butler, request).count(request.dimensions, { exact: false });
    },
    datasetTypeNames: async () => [...(await types()).keys()],
    async registered(name) {
      const type: DatasetType | undefined = (await types()).get(name);
      return type === undefined ? undefined : { dimensions: type.dimensions.names, storageClass: type.storageClass };
    },
    convertible: (from, to) => butler.convertible(from, to),
  };
}

/** Dataset types that data IDs must have and nobody ever registered. */
function unknownTypes(request: DataIdRequest, known: ReadonlyMap<string, DatasetType>): string[] {
  return (request.having ?? []).map(({ datasetType }) => datasetType).filter((name) => !known.has(name));
}

function noRows(dimensions: readonly string[]): DataIdColumns {
  return { rows: 0, dimensions, columns: Object.fromEntries(dimensions.map((dimension) => [dimension, []])) };
}

function ask(butler: ButlerApi, request: DataIdRequest): QueryApi {
  let query = butler.query();
  if (request.where !== undefined && request.where.trim() !== '') query = query.where(request.where, request.bind);
  if (request.dataId !== undefined && Object.keys(request.dataId).length > 0) query = query.where(request.dataId);
  for (const { datasetType, collections } of request.having ?? []) query = query.joinDatasets(datasetType, collections);
  for (const table of request.tables ?? []) query = query.joinDataIds(table);
  return request.within === undefined ? query : query.joinDataIds(request.within);
}

/**
 * Data IDs are sent along only where they leave out most of the datasets; reading a dataset costs no more than sending a data ID. `sent`
 * remembers by type and collections whether they were.
 */
async function within(
  query: QueryApi,
  { within, datasetType, alike = datasetType }: DatasetRequest,
  collections: readonly string[],
  sent: Map<string, boolean>,
) {
  if (within === undefined) return query;
  const key = [alike, ...collections].join('\n');
  let send = datasetType === alike ? undefined : sent.get(key);
  if (send === undefined) {
    const many = 2 * within.rows + 1000;
    send = (await query.limit(many).countDatasets(datasetType, { collections, findFirst: false })) >= many;
    sent.set(key, send);
  }
  return send ? query.joinDataIds(within) : query;
}

function nothing(request: Pick<DatasetRequest, 'datasetType' | 'dimensions'>): DatasetColumns {
  return { ...noRows(request.dimensions), datasetType: request.datasetType, ids: [], runs: [] };
}

/**
 * Datasets of a calibration type in search order: each CALIBRATION collection by itself, and the RUN and TAGGED collections
 * between two of them together (find-first, valid always).
 */
async function calibrations(
  butler: ButlerApi,
  request: Omit<DatasetRequest, 'within'>,
  infos: ReadonlyMap<string, CollectionInfo>,
): Promise<CalibrationColumns> {
  const segments: { collections: string[]; calibration: boolean }[] = [];
  for (const name of flatten(request.collections, infos)) {
    const calibration = infos.get(name)?.type === 'CALIBRATION';
    const last = segments.at(-1);
    if (!calibration && last !== undefined && !last.calibration) last.collections.push(name);
    else segments.push({ collections: [name], calibration });
  }
  const columns: Record<string, (string | number)[]> = Object.fromEntries(request.dimensions.map((name) => [name, []]));
  const [ids, runs, timespans, order]: [string[], string[], (Timespan | null)[], number[]] = [[], [], [], []];
  for (const [rank, { collections, calibration }] of segments.entries()) {
    const found = await butler.query().datasetColumns(request.datasetType, {
      collections,
      findFirst: !calibration,
      withTimespans: calibration,
    });
    for (let row = 0; row < found.rows; row++) {
      for (const name of request.dimensions) columns[name].push(found.columns[name][row]);
      ids.push(found.ids[row]);
      runs.push(found.runs[row]);
      timespans.push(found.timespans?.[row] ?? null);
      order.push(rank);
    }
  }
  return {
    rows: ids.length,
    dimensions: request.dimensions,
    columns,
    datasetType: request.datasetType,
    ids,
    runs,
    timespans,
    order: Uint32Array.from(order),
  };
}

/** Chains replaced by their members, in search order, each collection once. */
function flatten(names: readonly string[], infos: ReadonlyMap<string, CollectionInfo>): string[] {
  const found = new Set<string>();
  const visit = (name: string) => {
    const info = infos.get(name);
    if (info?.type === 'CHAINED') for (const child of info.children ?? []) visit(child);
    else if (info !== undefined) found.add(name);
  };
  for (const name of names) visit(name);
  return [...found];
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}
