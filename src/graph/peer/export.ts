// SPDX-License-Identifier: BSD-3-Clause
import { createWriteStream } from 'node:fs';
import { open, rename, rm } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline as pump } from 'node:stream/promises';
import { constants, zstdCompressSync } from 'node:zlib';
import { newUuid, uuidHex } from '../../base/index.ts';
import { type DimensionUniverse, defaultUniverse } from '../../butler/index.ts';
import { packagesDatasetType } from '../../pipeline/index.ts';
import type { ColumnGraph } from '../column-graph.ts';
import { growingF64, growingU32 } from '../columns/growing.ts';
import { graphErrors } from '../errors.ts';
import { peerPipeline } from './export-pipeline.ts';
import { ExportQuanta } from './export-quanta.ts';
import { ExportRecords, type FetchRecords } from './export-records.ts';
import { intBytes, members, type PeerHeader, type PeerQuantum, peerVersion, usualDatastore } from './format.ts';
import { Spool } from './spool.ts';

export interface ExportOptions {
  /** Where records come from that the graph has not, and the dimensions they belong to. */
  repository?: { universe: DimensionUniverse; fetch: FetchRecords };
  /** Name of the datastore that holds the files; default: that of the graph, or the usual one. */
  datastore?: string;
  /** Command line to note in the file. */
  command?: string;
  onProgress?: (quanta: number, total: number) => void;
}

/** Fewer quanta are written without a dictionary. */
const dictionaryFrom = 100;
/** Bytes of samples in a dictionary: more would cost more time for each quantum than it saves space. */
const dictionaryBytes = 8192;
const params = { [constants.ZSTD_c_compressionLevel]: 3 };

/**
 * Writes the graph as a predicted quantum graph file (format.ts), beside its final place and then renamed there. Quanta are written one
 * after the other; kept of each are 12 bytes, for the addresses at the end.
 *
 * @throws GRAPH_PEER_RECORDS_MISSING, GRAPH_PEER_UNIVERSE, GRAPH_FILE_UNWRITABLE
 */
export async function exportPeerGraph(
  graph: ColumnGraph,
  file: string,
  options: ExportOptions = {},
): Promise<{ sizeBytes: number }> {
  const target = resolve(file);
  const temporary = (what: string): string => join(dirname(target), `.${basename(target)}.${process.pid}${what}.tmp`);
  const spools: Spool[] = [];
  const spool = (what: string): Spool => {
    const made = new Spool(temporary(what));
    spools.push(made);
    return made;
  };
  try {
    const universe = universeOf(graph, options);
    const dimensionData = spool('.dimensions');
    const records = new ExportRecords(graph, universe);
    await records.write(dimensionData, options.repository?.fetch);
    const datastore = options.datastore ?? graph.header.origin?.datastore ?? usualDatastore;
    const quanta = new ExportQuanta(graph, datastore, (dimensions) => records.fullValues(dimensions));
    const thin = spool('.thin');
    writeThin(graph, quanta, thin);
    const { ZipFile } = await import('yazl');
    const zip = new ZipFile();
    const put = (name: string, value: unknown): void =>
      zip.addBuffer(frame(JSON.stringify(value)), name, { compress: false });
    const dictionary = dictionaryOf(graph, quanta);
    if (dictionary !== undefined) zip.addBuffer(dictionary, members.dictionary, { compress: false });
    put(members.header, headerOf(graph, options.command));
    put(members.pipeline, peerPipeline(graph, universe));
    put(members.init, initQuanta(graph, quanta));
    zip.addReadStream(thin.frame(), members.thin, { compress: false });
    zip.addReadStream(dimensionData.frame(), members.dimensionData, { compress: false });
    const blocks = new Blocks(graph, quanta, dictionary, options.onProgress);
    zip.addReadStream(Readable.from(blocks.write(), { objectMode: false }), members.quanta, {
      compress: false,
      forceZip64Format: true,
    });
    zip.addReadStreamLazy(members.addresses, { compress: false }, (take) =>
      take(null, Readable.from(blocks.addresses(), { objectMode: false })),
    );
    zip.end();
    const failure = Promise.withResolvers<never>();
    zip.on('error', failure.reject);
    await Promise.race([pump(zip.outputStream, createWriteStream(temporary(''), { flags: 'wx' })), failure.promise]);
    const sizeBytes = await settle(temporary(''), target);
    return { sizeBytes };
  } catch (cause) {
    await rm(temporary(''), { force: true });
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    throw graphErrors.FILE_UNWRITABLE({ file: target, reason: (cause as Error).message }, { cause });
  } finally {
    for (const one of spools) one.remove();
  }
}

/** Syncs the written file and gives it its name. */
async function settle(temporary: string, target: string): Promise<number> {
  const written = await open(temporary, 'r+');
  let sizeBytes: number;
  try {
    await written.sync();
    sizeBytes = (await written.stat()).size;
  } finally {
    await written.close();
  }
  await rename(temporary, target);
  const folder = await open(dirname(target), 'r');
  await folder.sync().finally(() => folder.close());
  return sizeBytes;
}

function universeOf({ header }: ColumnGraph, { repository }: ExportOptions): DimensionUniverse {
  if (repository !== undefined) return repository.universe;
  if (header.universeVersion === defaultUniverse().version) return defaultUniverse();
  throw graphErrors.PEER_UNIVERSE({ version: header.universeVersion, known: defaultUniverse().version });
}

function frame(json: string, dictionary?: Buffer): Buffer {
  return zstdCompressSync(Buffer.from(json, 'utf8'), { params, dictionary });
}

function headerOf(graph: ColumnGraph, command: string | undefined): PeerHeader {
  const { header } = graph;
  const { origin } = header;
  return {
    version: peerVersion,
    graph_type: 'predicted',
    inputs: [...header.inputs],
    output: header.output ?? null,
    output_run: header.outputRun,
    user: origin?.user ?? userInfo().username,
    timestamp: origin?.timestamp ?? header.createdAt,
    command: origin?.command ?? command ?? '',
    metadata: origin?.metadata ?? { skymill: header.skymill, data_query: header.where, pipeline: header.pipeline },
    int_size: intBytes,
    n_quanta: graph.quantumCount,
    n_datasets: graph.datasetCount,
    n_task_quanta: Object.fromEntries(graph.tasks.map(({ label, quantumCount }) => [label, quantumCount])),
    provenance_dataset_id: origin?.provenanceId ?? newUuid(),
  };
}

function initQuanta(graph: ColumnGraph, quanta: ExportQuanta): PeerQuantum[] {
  const ids = graph.header.origin?.initQuanta ?? {};
  const packages = graph.datasetTypes.find(({ name }) => name === packagesDatasetType);
  const whole: Record<string, number> =
    packages === undefined || packages.datasetCount === 0 ? {} : { [packagesDatasetType]: packages.firstDataset };
  return [
    quanta.init('', ids[''] ?? newUuid(), {}, whole),
    ...graph.tasks.map(({ label, initInputs, initOutputs }) =>
      quanta.init(label, ids[label] ?? newUuid(), initInputs, initOutputs),
    ),
  ];
}

function writeThin(graph: ColumnGraph, quanta: ExportQuanta, spool: Spool): void {
  spool.write('{"quanta":{');
  for (const [t, { label, firstQuantum, quantumCount }] of graph.tasks.entries()) {
    spool.write(`${t > 0 ? ',' : ''}${JSON.stringify(label)}:[`);
    for (let quantum = firstQuantum; quantum < firstQuantum + quantumCount; quantum++) {
      const entry = { quantum_id: graph.quantumUuid(quantum), data_coordinate: quanta.dataId(quantum) };
      spool.write((quantum > firstQuantum ? ',' : '') + JSON.stringify(entry));
    }
    spool.write(']');
  }
  spool.write('},"edges":[');
  const { offsets, quanta: earlier } = graph.dependencies();
  for (let quantum = 0, i = 0; quantum < graph.quantumCount; quantum++) {
    const id = offsets[quantum + 1] > i ? graph.quantumUuid(quantum) : '';
    for (; i < offsets[quantum + 1]; i++)
      spool.write(`${i > 0 ? ',' : ''}["${graph.quantumUuid(earlier[i])}","${id}"]`);
  }
  spool.write(']}');
}

/** A few quanta of each task, as raw content for the compressor to look back to. Later samples are nearer and cheaper to name. */
function dictionaryOf(graph: ColumnGraph, quanta: ExportQuanta): Buffer | undefined {
  if (graph.quantumCount < dictionaryFrom) return undefined;
  const tasks = graph.tasks.filter(({ quantumCount }) => quantumCount > 0);
  const share = Math.floor(dictionaryBytes / tasks.length);
  return Buffer.concat(
    tasks.map(({ firstQuantum }) =>
      Buffer.from(JSON.stringify(quanta.quantum(firstQuantum)), 'utf8').subarray(0, share),
    ),
  );
}

/** The blocks of the quanta, and where each was put. */
class Blocks {
  readonly #graph: ColumnGraph;
  readonly #quanta: ExportQuanta;
  readonly #dictionary: Buffer | undefined;
  readonly #onProgress: ExportOptions['onProgress'];
  readonly #offsets = growingF64();
  readonly #sizes = growingU32();

  constructor(
    graph: ColumnGraph,
    quanta: ExportQuanta,
    dictionary: Buffer | undefined,
    onProgress: ExportOptions['onProgress'],
  ) {
    this.#graph = graph;
    this.#quanta = quanta;
    this.#dictionary = dictionary;
    this.#onProgress = onProgress;
  }

  *write(): Generator<Buffer> {
    let offset = 0;
    let chunks: Buffer[] = [];
    let pending = 0;
    for (let quantum = 0; quantum < this.#graph.quantumCount; quantum++) {
      const block = frame(JSON.stringify(this.#quanta.quantum(quantum)), this.#dictionary);
      const length = Buffer.alloc(intBytes);
      length.writeBigUInt64BE(BigInt(block.length));
      chunks.push(length, block);
      const size = block.length + intBytes;
      this.#offsets.push(offset);
      this.#sizes.push(size);
      offset += size;
      pending += size;
      if (pending < 1 << 18) continue;
      yield Buffer.concat(chunks);
      [chunks, pending] = [[], 0];
      this.#onProgress?.(quantum + 1, this.#graph.quantumCount);
    }
    yield Buffer.concat(chunks);
  }

  *addresses(): Generator<Buffer> {
    const { quantumCount } = this.#graph;
    const head = Buffer.alloc(1 + 2 * intBytes);
    head[0] = intBytes;
    head.writeBigUInt64BE(BigInt(quantumCount), 1);
    head.writeBigUInt64BE(1n, 1 + intBytes);
    yield head;
    const given = this.#graph.index.quantumIds === true ? this.#graph.parts.column('quantum/order') : undefined;
    const rowBytes = 16 + 3 * intBytes;
    const batch = 4096;
    for (let first = 0; first < quantumCount; first += batch) {
      const rows = Buffer.alloc(rowBytes * Math.min(batch, quantumCount - first));
      for (let at = 0; at < rows.length; at += rowBytes) {
        const place = first + at / rowBytes;
        // Computed ids ascend with the row.
        const quantum = given === undefined ? place : given[place];
        rows.write(uuidHex(this.#graph.quantumUuid(quantum)), at, 'hex');
        rows.writeBigUInt64BE(BigInt(place), at + 16);
        rows.writeBigUInt64BE(BigInt(this.#offsets.at(quantum)), at + 16 + intBytes);
        rows.writeBigUInt64BE(BigInt(this.#sizes.at(quantum)), at + 16 + 2 * intBytes);
      }
      yield rows;
    }
  }
}
