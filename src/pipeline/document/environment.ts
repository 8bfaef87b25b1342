// SPDX-License-Identifier: BSD-3-Clause

/** `$NAME` and `${NAME}` from the environment; an unset name stays as it is. */
export function expandEnvironment(text: string): string {
  return text.replace(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => process.env[braced ?? bare] ?? whole);
}
