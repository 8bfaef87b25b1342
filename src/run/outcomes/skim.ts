// SPDX-License-Identifier: BSD-3-Clause
import type { AttemptRecord, Usage } from './record.ts';

/** What sums over attempts need of one: of outputs only row and size, nothing of data IDs. */
export type AttemptFigures = Pick<
  AttemptRecord,
  'type' | 'quantum' | 'host' | 'workerPid' | 'startedUnixMs' | 'state' | 'decision' | 'usage'
> & { outputs: readonly { dataset: number; file: { sizeBytes: number } }[] };

const head = '{"type":"attempt","quantum":';
const plain = '"state":"done","decision":"final","reason":"none","workerPid":';
const started = ',"startedUnixMs":';
const outputsOpen = ',"outputs":[';
const usageOpen = ',"usage":{';
const caveatsOpen = '"caveats":[';

/**
 * Reads the figures of an attempt that simply was done, which nearly all are, straight from the text of its record: several times faster than
 * to parse the whole. Undefined for all other records, and for lines that are written in another way: those are parsed.
 *
 * A key with its quotes and colon cannot occur within a JSON string, where quotes have a backslash; so what looks like one is one.
 * @param text of the line, Latin-1
 */
export function skimAttempt(text: string): AttemptFigures | undefined {
  if (!text.startsWith(head)) return undefined;
  const at = text.indexOf(plain);
  if (at < 0) return undefined;
  const host = hostBefore(text, at);
  const startedAt = text.indexOf(started, at);
  const outputsAt = text.indexOf(outputsOpen, startedAt);
  if (host === undefined || startedAt < 0 || outputsAt < 0) return undefined;
  const outputs: Figures[] = [];
  const usageAt = readOutputs(text, outputsAt + outputsOpen.length, outputs);
  if (usageAt < 0) return undefined;
  const usage = readUsage(text, usageAt);
  if (usage === undefined) return undefined;
  if (text.includes('"held":', usageAt)) return undefined;
  const caveatsAt = text.indexOf(caveatsOpen, usageAt);
  if (caveatsAt >= 0 && text[caveatsAt + caveatsOpen.length] !== ']') return undefined;
  return {
    type: 'attempt',
    quantum: wholeNumber(text, head.length),
    host,
    workerPid: wholeNumber(text, at + plain.length),
    startedUnixMs: wholeNumber(text, startedAt + started.length),
    state: 'done',
    decision: 'final',
    usage,
    outputs,
  };
}

type Figures = AttemptFigures['outputs'][number];

function hostBefore(text: string, at: number): string | undefined {
  const quote = text.lastIndexOf('"', at - 3); // "host":"<name>","state"
  const host = text.slice(quote + 1, at - 2);
  if (!text.endsWith('"host":', quote)) return undefined;
  for (let i = 0; i < host.length; i++) {
    const code = host.charCodeAt(i);
    if (code > 126 || code === 92) return undefined;
  }
  return host;
}

/** @returns the place behind the opening brace of the usage; -1: not as expected. */
function readOutputs(text: string, from: number, into: Figures[]): number {
  let at = from;
  while (text.startsWith('{"dataset":', at)) {
    const dataset = wholeNumber(text, at + 11);
    const sizeAt = text.indexOf('"sizeBytes":', at);
    if (sizeAt < 0) return -1;
    into.push({ dataset, file: { sizeBytes: wholeNumber(text, sizeAt + 12) } });
    at = text.indexOf('}}', sizeAt) + 2;
    if (text[at] === ',') at++;
  }
  return text[at] === ']' && text.startsWith(usageOpen, at + 1) ? at + 1 + usageOpen.length : -1;
}

const usageKeys = [
  'wallSeconds',
  'cpuUserSeconds',
  'cpuSystemSeconds',
  'peakMemoryBytes',
  'requestedCores',
  'requestedMemoryBytes',
  'bytesRead',
  'bytesWritten',
  'readSeconds',
  'writeSeconds',
] as const satisfies readonly (keyof Usage)[];
const quotedKeys = usageKeys.map((key) => `"${key}":`);

/** Other fields may stand between these. */
function readUsage(text: string, from: number): Usage | undefined {
  const values: number[] = [];
  let at = from;
  for (const key of quotedKeys) {
    if (!text.startsWith(key, at)) at = text.indexOf(key, from);
    if (at < 0) return undefined;
    const begin = at + key.length;
    for (at = begin; !isEnd(text.charCodeAt(at)); at++);
    const value = Number(text.slice(begin, at));
    if (!(value >= 0)) return undefined;
    values.push(value);
    at++;
  }
  return {
    wallSeconds: values[0],
    cpuUserSeconds: values[1],
    cpuSystemSeconds: values[2],
    peakMemoryBytes: values[3],
    requestedCores: values[4],
    requestedMemoryBytes: values[5],
    bytesRead: values[6],
    bytesWritten: values[7],
    readSeconds: values[8],
    writeSeconds: values[9],
  };
}

/** A comma, a closing brace, or the end of the text. */
function isEnd(code: number): boolean {
  return code === 44 || code === 125 || Number.isNaN(code);
}

/** Decimal digits from a place on. */
function wholeNumber(text: string, from: number): number {
  let value = 0;
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(++at))
    value = 10 * value + code - 48;
  return value;
}
