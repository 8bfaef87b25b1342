// SPDX-License-Identifier: BSD-3-Clause
import { crc32 } from 'node:zlib';

/*
 * The bytes of a zip archive that is written member by member (PKWARE APPNOTE 6.3.10, sections 4.3 to 4.5): local headers, and the
 * directory behind the last member, in its 64-bit form where a count or an offset needs it.
 *
 * Two things are of our own, and other readers pass over them. A local header has an extra field with a checksum of the header, so that
 * a header can be told from bytes that look like one. And a member's name holds the offset of its header, so that it is found without the
 * directory, which is not there while the archive grows or when its writer was killed.
 */

export const localSignature = 0x04034b50;
const centralSignature = 0x02014b50;
const endSignature = 0x06054b50;
const end64Signature = 0x06064b50;
const locator64Signature = 0x07064b50;
export const localFixedBytes = 30;
const extraId = 0x6b53;
const extraBytes = 8;
const utf8Names = 0x0800;
const version = 20;
const version64 = 45;
/** Regular file, rw-r--r--, as Unix writes it. */
const madeBy = 3 << 8;
const attributes = 0o100644 << 16;

/** Counts and offsets from which on the 64-bit form is written. Lower ones only make tests small. */
export interface ZipLimits {
  readonly entries: number;
  readonly offset: number;
}
const format: ZipLimits = { entries: 0xffff, offset: 0xffffffff };

export interface MemberHeader {
  readonly name: string;
  /** 0: as it is, 8: deflated. */
  readonly method: number;
  readonly crc32: number;
  readonly compressedBytes: number;
  readonly sizeBytes: number;
  /** MS-DOS date (upper 16 bits) and time, local. */
  readonly stamp: number;
}

export function dosStamp(when: Date): number {
  const year = Math.max(0, when.getFullYear() - 1980);
  const date = (year << 9) | ((when.getMonth() + 1) << 5) | when.getDate();
  const time = (when.getHours() << 11) | (when.getMinutes() << 5) | (when.getSeconds() >> 1);
  return date * 0x10000 + time;
}

/** The member's name: where its header is stands before the extension. */
export function nameAt(offset: number, stem: string, extension: string): string {
  return `${stem}.${offset.toString(16).padStart(8, '0')}${extension}`;
}

/** The offset in a name that {@link nameAt} may have made. */
export function offsetIn(name: string): number | undefined {
  const match = /\.([0-9a-f]{8,13})(?:\.[^./]*)*$/.exec(name);
  return match === null ? undefined : Number.parseInt(match[1], 16);
}

export function localHeader(member: MemberHeader): Buffer {
  const nameBytes = Buffer.byteLength(member.name);
  const bytes = Buffer.allocUnsafe(localFixedBytes + nameBytes + extraBytes);
  bytes.writeUInt32LE(localSignature, 0);
  bytes.writeUInt16LE(version, 4);
  writeCommon(bytes, 6, member, nameBytes, extraBytes);
  bytes.write(member.name, localFixedBytes);
  const at = localFixedBytes + nameBytes;
  bytes.writeUInt16LE(extraId, at);
  bytes.writeUInt16LE(4, at + 2);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, at)), at + 4);
  return bytes;
}

/** Flags to length of the extra fields: the part that both kinds of headers share. */
function writeCommon(bytes: Buffer, at: number, member: MemberHeader, nameBytes: number, extra: number): void {
  bytes.writeUInt16LE(utf8Names, at);
  bytes.writeUInt16LE(member.method, at + 2);
  bytes.writeUInt32LE(member.stamp, at + 4);
  bytes.writeUInt32LE(member.crc32, at + 8);
  bytes.writeUInt32LE(member.compressedBytes, at + 12);
  bytes.writeUInt32LE(member.sizeBytes, at + 16);
  bytes.writeUInt16LE(nameBytes, at + 20);
  bytes.writeUInt16LE(extra, at + 22);
}

/** A local header of ours, and its length; undefined if these bytes are none, or not all of one. */
export function parseLocalHeader(bytes: Buffer): (MemberHeader & { headerBytes: number }) | undefined {
  if (bytes.length < localFixedBytes || bytes.readUInt32LE(0) !== localSignature) return undefined;
  const nameBytes = bytes.readUInt16LE(26);
  const headerBytes = localFixedBytes + nameBytes + extraBytes;
  if (bytes.readUInt16LE(28) !== extraBytes || bytes.length < headerBytes) return undefined;
  const at = localFixedBytes + nameBytes;
  const isOurs = bytes.readUInt16LE(at) === extraId && bytes.readUInt16LE(at + 2) === 4;
  if (!isOurs || bytes.readUInt32LE(at + 4) !== crc32(bytes.subarray(0, at))) return undefined;
  return {
    name: bytes.toString('utf8', localFixedBytes, at),
    method: bytes.readUInt16LE(8),
    stamp: bytes.readUInt32LE(10),
    crc32: bytes.readUInt32LE(14),
    compressedBytes: bytes.readUInt32LE(18),
    sizeBytes: bytes.readUInt32LE(22),
    headerBytes,
  };
}

/** How many bytes must be read to have a member's header, of what its name says. */
export function headerBytesOf(name: string): number {
  return localFixedBytes + Buffer.byteLength(name) + extraBytes;
}

/** One entry of the directory. */
export function directoryEntry(member: MemberHeader, offset: number, limits: ZipLimits = format): Buffer {
  const far = offset >= limits.offset;
  const extra = far ? 12 : 0;
  const nameBytes = Buffer.byteLength(member.name);
  const bytes = Buffer.alloc(46 + nameBytes + extra);
  bytes.writeUInt32LE(centralSignature, 0);
  bytes.writeUInt16LE(madeBy | (far ? version64 : version), 4);
  bytes.writeUInt16LE(far ? version64 : version, 6);
  writeCommon(bytes, 8, member, nameBytes, extra);
  bytes.writeUInt32LE(attributes >>> 0, 38);
  bytes.writeUInt32LE(far ? 0xffffffff : offset, 42);
  bytes.write(member.name, 46);
  if (far) {
    bytes.writeUInt16LE(1, 46 + nameBytes);
    bytes.writeUInt16LE(8, 48 + nameBytes);
    bytes.writeBigUInt64LE(BigInt(offset), 50 + nameBytes);
  }
  return bytes;
}

/** What ends the archive, behind the entries of its directory. */
export function directoryEnd(
  entries: number,
  directoryOffset: number,
  directoryBytes: number,
  limits: ZipLimits = format,
): Buffer {
  const end = Buffer.alloc(22);
  const large = entries >= limits.entries || directoryOffset >= limits.offset || directoryBytes >= limits.offset;
  end.writeUInt32LE(endSignature, 0);
  end.writeUInt16LE(large ? 0xffff : entries, 8);
  end.writeUInt16LE(large ? 0xffff : entries, 10);
  end.writeUInt32LE(large ? 0xffffffff : directoryBytes, 12);
  end.writeUInt32LE(large ? 0xffffffff : directoryOffset, 16);
  if (!large) return end;
  const large64 = Buffer.alloc(56 + 20);
  large64.writeUInt32LE(end64Signature, 0);
  large64.writeBigUInt64LE(44n, 4);
  large64.writeUInt16LE(madeBy | version64, 12);
  large64.writeUInt16LE(version64, 14);
  large64.writeBigUInt64LE(BigInt(entries), 24);
  large64.writeBigUInt64LE(BigInt(entries), 32);
  large64.writeBigUInt64LE(BigInt(directoryBytes), 40);
  large64.writeBigUInt64LE(BigInt(directoryOffset), 48);
  large64.writeUInt32LE(locator64Signature, 56);
  large64.writeBigUInt64LE(BigInt(directoryOffset + directoryBytes), 64);
  large64.writeUInt32LE(1, 72);
  return Buffer.concat([large64, end]);
}

/**
 * Whether the file ends with a directory: `tail` are its last bytes, 98 or all. Sound for archives of ours, which have no comment.
 */
export function endsWithDirectory(tail: Buffer, sizeBytes: number): boolean {
  const at = tail.length - 22;
  if (at < 0 || tail.readUInt32LE(at) !== endSignature || tail.readUInt16LE(at + 20) !== 0) return false;
  const bytes = tail.readUInt32LE(at + 12);
  const offset = tail.readUInt32LE(at + 16);
  if (bytes !== 0xffffffff && offset !== 0xffffffff) return offset + bytes === sizeBytes - 22;
  const at64 = at - 76;
  if (at64 < 0 || tail.readUInt32LE(at64) !== end64Signature) return false;
  return Number(tail.readBigUInt64LE(at64 + 40)) + Number(tail.readBigUInt64LE(at64 + 48)) === sizeBytes - 98;
}
export const directoryTailBytes = 98;
