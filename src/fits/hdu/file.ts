// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean, SkymillError } from '../../base/index.ts';
import { fitsErrors, placeOf } from '../errors.ts';
import { uncompressed } from '../io/compressed.ts';
import { type ByteSource, FileSource } from '../io/source.ts';
import { Hdu } from './hdu.ts';
import { readHeaderAt } from './scan.ts';

export interface OpenOptions {
  /** Stop listing after so many HDUs. */
  maxHdus?: number;
}

/** An HDU by index from 0, by EXTNAME (case does not count), or by EXTNAME and EXTVER. */
export type HduSelector = number | string | { name: string; version: number };

/** A FITS file: its HDUs are listed from their headers alone; pixels and rows are read when asked for. */
export class FitsFile {
  readonly source: ByteSource;
  readonly hdus: readonly Hdu[];
  /**
   * Why the list of HDUs ends early, if it does: a cut or damaged header, or foreign bytes after the last HDU. The HDUs before are
   * usable; asking for one beyond throws this.
   */
  readonly damage: SkymillError | undefined;

  private constructor(source: ByteSource, hdus: Hdu[], damage: SkymillError | undefined) {
    this.source = source;
    this.hdus = hdus;
    this.damage = damage;
  }

  /** Opens a path or a source; gzip and compress(1) files are recognised by content. Close it when done. */
  static async open(pathOrSource: string | ByteSource, options: OpenOptions = {}): Promise<FitsFile> {
    const raw = typeof pathOrSource === 'string' ? await FileSource.open(pathOrSource) : pathOrSource;
    const source = await uncompressed(raw);
    try {
      const { hdus, damage } = await list(source, options.maxHdus ?? Number.POSITIVE_INFINITY);
      return new FitsFile(source, hdus, damage);
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get name(): string {
    return this.source.name;
  }

  hdu(selector: HduSelector): Hdu {
    const found = typeof selector === 'number' ? this.hdus[selector] : this.#named(selector);
    if (found !== undefined) return found;
    if (this.damage !== undefined) throw this.damage;
    const names = this.hdus.map((hdu) => hdu.name).filter((name) => name !== '');
    const wanted = typeof selector === 'object' ? `"${selector.name}" version ${selector.version}` : `"${selector}"`;
    const hint = typeof selector === 'string' ? didYouMean(selector, names) : '';
    const have = `${this.hdus.length} HDUs${names.length > 0 ? ` (${names.join(', ')})` : ''}`;
    throw fitsErrors.NO_HDU({ file: this.name, hdu: wanted, have, hint }, placeOf({ file: this.name }));
  }

  has(selector: HduSelector): boolean {
    return (typeof selector === 'number' ? this.hdus[selector] : this.#named(selector)) !== undefined;
  }

  close(): Promise<void> {
    return this.source.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #named(selector: string | { name: string; version: number }): Hdu | undefined {
    const name = (typeof selector === 'string' ? selector : selector.name).toUpperCase();
    return this.hdus.find(
      (hdu) => hdu.name.toUpperCase() === name && (typeof selector === 'string' || hdu.version === selector.version),
    );
  }
}

async function list(source: ByteSource, maxHdus: number): Promise<{ hdus: Hdu[]; damage: SkymillError | undefined }> {
  const hdus: Hdu[] = [];
  let offset = 0;
  while (hdus.length < maxHdus && (offset < source.sizeBytes || offset === 0)) {
    try {
      if (offset > 0) await assertExtension(source, offset, hdus.length);
      const { header, dataOffset } = await readHeaderAt(source, offset, hdus.length);
      hdus.push(new Hdu(source, hdus.length, header, offset, dataOffset));
      offset = hdus[hdus.length - 1].endOffset;
    } catch (error) {
      if (offset === 0 || !(error instanceof SkymillError)) throw error;
      return { hdus, damage: error };
    }
  }
  return { hdus, damage: undefined };
}

async function assertExtension(source: ByteSource, offset: number, index: number): Promise<void> {
  const start = Buffer.from(await source.read(offset, 9)).toString('latin1');
  if (start === 'XTENSION=') return;
  const where = { file: source.name, hdu: index, byteOffset: offset };
  throw fitsErrors.TRAILING_BYTES({ ...where, bytes: source.sizeBytes - offset }, placeOf(where));
}
