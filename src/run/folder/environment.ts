// SPDX-License-Identifier: BSD-3-Clause

/** Variables that may change what a task computes: language, time zone, threads, the runtime's options, and our own. */
const telltale = /^(LANG|LC_\w+|TZ|NODE_OPTIONS|\w+_NUM_THREADS|SKYMILL_\w+)$/;
/** Never written down, whatever they are called. */
const secret = /TOKEN|SECRET|PASSW|KEY|CREDENTIAL/i;

/** Of an environment what may change results, to be kept with a run. */
export function telling(environment: Readonly<Record<string, string | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment)
      .filter((e): e is [string, string] => e[1] !== undefined && telltale.test(e[0]) && !secret.test(e[0]))
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** The present environment, changed so that what {@link telling} keeps is as it was. */
export function environmentOf(kept: Readonly<Record<string, string>>): Record<string, string | undefined> {
  const unset = Object.fromEntries(Object.keys(telling(process.env)).map((name) => [name, undefined]));
  return { ...unset, ...kept };
}
