// SPDX-License-Identifier: BSD-3-Clause
/** Reads and writes FITS (standard 4.0) by range and in one forward pass. Knows nothing of surveys. */
export { type ChecksumVerdict, verifyChecksums } from './checksum.ts';
export { fitsErrors } from './errors.ts';
export { FitsFile, type HduSelector, type OpenOptions } from './hdu/file.ts';
export type { RandomGroups } from './hdu/groups.ts';
export type { Hdu } from './hdu/hdu.ts';
export { type HeaderScan, readHeadersSync, scanHeadersSync } from './hdu/headers-sync.ts';
export type { HduKind } from './hdu/layout.ts';
export { Card } from './header/card.ts';
export { Header } from './header/header.ts';
export type { CardValue, Complex } from './header/value.ts';
export type { Bitpix, NumericArray } from './image/numeric.ts';
export type { SampleType } from './image/scaling.ts';
export type { ImageData, ReadImageOptions, Section } from './image/section.ts';
export { type ByteSink, FileSink, MemorySink, type WrittenFile } from './io/sink.ts';
export { type ByteSource, FileSource, MemorySource } from './io/source.ts';
export type { ReadColumnsOptions } from './table/binary.ts';
export type { ColumnInfo, ColumnType } from './table/columns.ts';
export { LOGICAL_NULL, type TableColumn, type TableColumns } from './table/values.ts';
export type { TileCompression } from './write/compressed.ts';
export { type WriteOptions, writeFits, writeFitsFile } from './write/file.ts';
export type { HduToWrite, ImageToWrite, TableToWrite } from './write/hdu.ts';
export type { ColumnToWrite } from './write/table.ts';
