// SPDX-License-Identifier: BSD-3-Clause
/** What every room may use and none owns: errors with codes, ids, small text and file helpers. */
export * from './errors.ts';
export { type FileSystemKind, fileSystemOf } from './file-system.ts';
export * from './suggest.ts';
export { systemError } from './system/errors.ts';
export { textTable } from './text-table.ts';
export * from './uuid.ts';
export { yaml } from './yaml.ts';
