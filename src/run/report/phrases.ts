// SPDX-License-Identifier: BSD-3-Clause
import { formatCount } from './format.ts';
import type { Concentration, Liveness } from './model.ts';

/** Findings of a report in words, the same in the terminal and on pages. */

/** `all with detector 3 (10 % of what was tried; all of these failed)`. */
export function concentrationPhrase({ property, values, failures, ofFailures, tried, ofTried }: Concentration): string {
  const share = failures === ofFailures ? 'all' : `${formatCount(failures)} of ${formatCount(ofFailures)}`;
  const names = values.join(' or ');
  const where =
    property === 'worker' ? `in worker ${names}` : `${property === 'host' ? 'on' : 'with'} ${property} ${names}`;
  const fate = failures === tried ? 'all of these failed' : `${percent(failures / tried)} of these failed`;
  return `${share} ${where} (${percent(tried / ofTried)} of what was tried; ${fate})`;
}

export function concentrationPhrases(found: readonly Concentration[]): string[] {
  return found.map((one, i) => (i === 0 ? '' : 'of these ') + concentrationPhrase(one));
}

export function percent(fraction: number | undefined): string {
  if (fraction === undefined || !Number.isFinite(fraction)) return '';
  const value = 100 * fraction;
  return `${value > 0 && value < 0.995 ? value.toPrecision(1) : Math.round(value)} %`;
}

/** Whether somebody works on a run of which the log has no end. */
export const livenessPhrases: Record<Exclude<Liveness, 'ended'>, string> = {
  running: 'at work now',
  died: 'its controller is gone without a word; the same command again continues',
  unknown: 'no end recorded; its controller is on another machine',
};
