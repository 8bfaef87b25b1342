// SPDX-License-Identifier: BSD-3-Clause
import { type Formatter, registerFormatter } from './formatter.ts';
import { jsonFormatter, parsed, refuseComponent } from './structured.ts';

/** Stands on a line of its own between the records of a log and what else was kept with them. */
const extraMark = '###EXTRA###';

interface LogDocument {
  extended?: boolean;
  version?: number;
  records: unknown[];
}

/**
 * Log records as an array of plain objects. Three forms are read: an array; an object with `records` beside other entries; and one
 * record a line as a process writes them while it runs, with other entries after a mark. The other entries are the array's `extra`.
 */
const logFormatter: Formatter = {
  extension: '.json',
  async read(file, context) {
    refuseComponent(context);
    return parsed(file, 'log', parseLog);
  },
  write: jsonFormatter.write!,
};

function parseLog(text: string): unknown[] {
  if (text.startsWith('[')) return JSON.parse(text);
  if (text.startsWith('{"extended":true')) {
    const { records, extended: _e, version: _v, ...extra } = JSON.parse(text) as LogDocument;
    return withExtra(records, extra);
  }
  const end = text.startsWith(extraMark) ? 0 : text.indexOf(`\n${extraMark}`);
  const lines = end < 0 ? text : text.slice(0, end);
  const rest = end < 0 ? '' : text.slice(text.indexOf(extraMark, end) + extraMark.length).trim();
  const records = lines.split('\n').flatMap((line) => (line.trim() === '' ? [] : [JSON.parse(line)]));
  return withExtra(records, rest === '' ? {} : JSON.parse(rest));
}

function withExtra(records: unknown[], extra: Record<string, unknown>): unknown[] {
  return Object.keys(extra).length === 0 ? records : Object.assign(records, { extra });
}

export function registerLogFormatter(): void {
  registerFormatter('lsst.daf.butler.formatters.logs.ButlerLogRecordsFormatter', logFormatter);
}
