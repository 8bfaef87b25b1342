// SPDX-License-Identifier: BSD-3-Clause
import type { DataId } from '../types.ts';

/** What calls that leave it unsaid use. */
export interface Defaults {
  readonly collections: readonly string[] | undefined;
  readonly run: string | undefined;
  /** Values of governor dimensions. */
  readonly dataId: DataId;
}

export const NO_DEFAULTS: Defaults = Object.freeze({
  collections: undefined,
  run: undefined,
  dataId: Object.freeze({}),
});
