// SPDX-License-Identifier: BSD-3-Clause
/** TAI - UTC since 2017-01-01; none has been announced since, and the registry's clock need not be better than that. */
const taiMinusUtcSeconds = 37n;

/** Now in TAI nanoseconds since 1970-01-01T00:00:00 TAI, to the millisecond. For stamps of the registry, not for astronomy. */
export function nowTaiNs(): bigint {
  return BigInt(Date.now()) * 1_000_000n + taiMinusUtcSeconds * 1_000_000_000n;
}
