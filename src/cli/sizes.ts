// SPDX-License-Identifier: BSD-3-Clause

/** `12.3 MB`, for sentences. */
export function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}
