// SPDX-License-Identifier: BSD-3-Clause

/** Whether a statement changes rows, also one that returns some. */
export function writes(sql: string): boolean {
  return /^\s*(INSERT|UPDATE|DELETE|WITH[\s\S]*\b(INSERT|UPDATE|DELETE)\b)/i.test(sql);
}

/** The table to name in an error about a statement (or about a table's name as it is). */
export function tableOf(sql: string): string {
  return /^\w+$/.test(sql) ? sql : (/(?:INTO|UPDATE|FROM|TABLE)\s+"?(\w+)/i.exec(sql)?.[1] ?? 'the database');
}
