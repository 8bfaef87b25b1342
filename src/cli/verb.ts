// SPDX-License-Identifier: BSD-3-Clause
import type { Output } from './output.ts';

/** What a verb's action is given: positional arguments by name, options by camel-case name, and where to print. */
export interface Invocation {
  args: Record<string, string | string[] | undefined>;
  // biome-ignore lint/suspicious/noExplicitAny: option values are what their parsers made
  options: Record<string, any>;
  out: Output;
  /** Runs another command line (words after `skymill`) in this process; resolves to its exit code. */
  runLine(words: readonly string[]): Promise<number>;
}

export interface OptionSpec {
  /** commander's notation: `-j, --jobs <n>`. */
  flags: string;
  description: string;
  default?: unknown;
  /** Option may be repeated, or hold several comma-separated values: the action gets an array. */
  list?: boolean;
  /** Parses the text; throw a SkymillError to refuse. */
  parse?: (text: string) => unknown;
  choices?: readonly string[];
  required?: boolean;
  /** The same option as people know it from elsewhere, in commander's notation: taken, and not shown. */
  aliases?: readonly string[];
}

/** One verb of the command line: light data; what it needs is imported when it runs. */
export interface Verb {
  /** Words as typed: `query-datasets`, `graph build`. */
  name: string;
  group: VerbGroup;
  summary: string;
  details?: string;
  /** commander's notation: `<repo>`, `[glob...]`, with a description each. */
  arguments?: readonly [name: string, description: string][];
  options?: readonly OptionSpec[];
  /** Command lines without the leading `skymill`, with what they do. */
  examples: readonly [command: string, does: string][];
  /** Exit codes beyond the common ones. */
  exitCodes?: Readonly<Record<number, string>>;
  /** Resolves to the exit code (undefined is 0). */
  action(invocation: Invocation): Promise<number | undefined>;
}

export const verbGroups = ['Start here', 'Repository', 'Ingest', 'Query', 'Produce', 'Understand'] as const;
export type VerbGroup = (typeof verbGroups)[number];

/** Exit codes that all verbs share. */
export const ExitCode = Object.freeze({
  ok: 0,
  /** A defect of ours: a stack trace is printed. */
  fault: 1,
  /** Bad input or configuration, or something outside that must change. */
  badInput: 2,
  /** It ended, but some of it failed or was left out. */
  partial: 3,
  /** Nothing matched: an empty query or graph. */
  nothing: 4,
  /** A run was stopped before its end and what ran was let end: one Ctrl-C, or a full disk. The same command continues. */
  drained: 5,
  interrupted: 130,
});

/** Comma-separated and repeated values as one flat list. */
export function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
