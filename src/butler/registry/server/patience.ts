// SPDX-License-Identifier: BSD-3-Clause
/** How long to go on trying, in seconds. A full server has many clients like this one, each with a place soon. */
export interface Patience {
  /** While the server is away or starts up. */
  away: number;
  full: number;
}
/** A server that has never answered is more likely misspelt than away. */
export const firstPatience: Patience = { away: 2, full: 300 };
export const laterPatience: Patience = { away: 60, full: 300 };
