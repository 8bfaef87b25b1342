// SPDX-License-Identifier: BSD-3-Clause
import type { Cause, CauseKind } from '../outcomes/record.ts';

/**
 * What a rule does about a failed attempt.
 *
 * - `retry`: once more, as long as `maxAttempts` allow
 * - `retryWithMoreMemory`: the same, asking for the larger of request and measured peak times `memoryFactor`, at most `memoryCapBytes`
 * - `excludeHost`: once more, as long as `maxAttempts` allow, on a host where it has not failed; failed when there is none
 * - `acceptAsCaveat`: the quantum counts as done with a caveat and without outputs; what depends on it goes on with what else it has
 * - `giveUp`: failed, whatever rules come later
 * - `stopRun`: such a failure would hit every quantum: what runs ends, nothing else starts
 */
export const RETRY_ACTIONS = [
  'retry',
  'retryWithMoreMemory',
  'excludeHost',
  'acceptAsCaveat',
  'giveUp',
  'stopRun',
] as const;
export type RetryAction = (typeof RETRY_ACTIONS)[number];

/** A rule from a failure to what is done about it. Rules are tried in order; the first that matches decides, and its name is recorded. */
export interface RetryRule {
  readonly name: string;
  readonly when: {
    /** Any of these; absent matches all. */
    readonly kinds?: readonly CauseKind[];
    readonly exitCodes?: readonly number[];
    readonly signals?: readonly string[];
    /** Regular expressions, case-insensitive, searched in the error's code and in its message. */
    readonly code?: string;
    readonly message?: string;
    /** Task labels. */
    readonly labels?: readonly string[];
  };
  /** Attempts a quantum may have in all before it counts as failed; 1 means never retry. */
  readonly maxAttempts: number;
  /** Let what runs end and start nothing more. The quantum itself is not retried in this execution. */
  readonly stopsRun?: boolean;
  /** The quantum counts as done with a caveat, without outputs. */
  readonly accepts?: boolean;
  /** The next attempt is on another host. */
  readonly excludesHost?: boolean;
  /** The next attempt asks for the larger of request and measured peak, times this. */
  readonly memoryFactor?: number;
  /** But never for more than this. */
  readonly memoryCapBytes?: number;
}

export function actionOf(rule: RetryRule): RetryAction {
  if (rule.stopsRun === true) return 'stopRun';
  if (rule.accepts === true) return 'acceptAsCaveat';
  if (rule.maxAttempts <= 1) return 'giveUp';
  if (rule.excludesHost === true) return 'excludeHost';
  return rule.memoryFactor === undefined ? 'retry' : 'retryWithMoreMemory';
}

/**
 * What is done without other instructions: the death of a worker is tried once more, running out of memory once more with
 * twice the memory; trouble of the storage twice more. A full disk stops the run. An exception of the science code would only repeat itself and is final.
 */
export const DEFAULT_RETRY_RULES: readonly RetryRule[] = [
  { name: 'outOfMemory', when: { kinds: ['outOfMemory'] }, maxAttempts: 2, memoryFactor: 2 },
  { name: 'workerDied', when: { kinds: ['crashed', 'signalled'] }, maxAttempts: 2 },
  { name: 'timeLimit', when: { kinds: ['timeLimit'] }, maxAttempts: 2 },
  { name: 'hang', when: { kinds: ['hang'] }, maxAttempts: 2 },
  { name: 'storageTrouble', when: { kinds: ['exception'], message: '\\b(EIO|ESTALE|ETIMEDOUT)\\b' }, maxAttempts: 3 },
  { name: 'truncatedOutput', when: { kinds: ['wrongOutput'], code: '^BUTLER_TRUNCATED_WRITE$' }, maxAttempts: 3 },
  {
    name: 'diskFull',
    when: { kinds: ['exception'], code: 'DISK_FULL|^ENOSPC$|^EDQUOT$' },
    maxAttempts: 1,
    stopsRun: true,
  },
  {
    name: 'diskReadOnly',
    when: { kinds: ['exception', 'crashed'], message: '\\bEROFS\\b' },
    maxAttempts: 1,
    stopsRun: true,
  },
];

/** The first rule for this failure, or undefined: then the failure is final. */
export function matchRule(rules: readonly RetryRule[], cause: Cause, label: string): RetryRule | undefined {
  return rules.find(({ when }) => {
    if (when.kinds !== undefined && !when.kinds.includes(cause.kind)) return false;
    if (when.exitCodes !== undefined && (cause.exitCode == null || !when.exitCodes.includes(cause.exitCode)))
      return false;
    if (when.signals !== undefined && (cause.signal == null || !when.signals.includes(cause.signal))) return false;
    if (when.code !== undefined && !pattern(when.code).test(cause.code ?? '')) return false;
    if (when.message !== undefined && !pattern(when.message).test(cause.message)) return false;
    return when.labels === undefined || when.labels.includes(label);
  });
}

const patterns = new Map<string, RegExp>();

/** Rules are plain data, so that they can be written down; the expressions are made once. */
function pattern(text: string): RegExp {
  let made = patterns.get(text);
  if (made === undefined) {
    made = new RegExp(text, 'i');
    patterns.set(text, made);
  }
  return made;
}
