// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Rule } from '../definition/schema.ts';
import type { RuleBook, RuleScope } from './rules.ts';

/** The keywords a rule looked for in vain, with the nearest present one; for messages. */
export function missingCards(
  rule: Rule,
  book: RuleBook,
  lets: Readonly<Record<string, Rule>>,
  scope: RuleScope,
): string {
  const names = namesIn(rule, lets).filter((name) => book.lookUp(name)(scope) === undefined);
  if (names.length === 0) return '(no case of its rule matches)';
  const present = scope.headers.flatMap((cards) => Object.keys(cards));
  return `${[...new Set(names)].join(' or ')}${names.length === 1 ? didYouMean(names[0], present) : ''}`;
}

function namesIn(rule: Rule, lets: Readonly<Record<string, Rule>>): string[] {
  if (typeof rule !== 'object') return [];
  if ('cases' in rule) {
    const branches = [...rule.cases.map((c) => c.is), ...(rule.otherwise === undefined ? [] : [rule.otherwise])];
    return [...rule.cases.flatMap((c) => Object.keys(c.when)), ...branches.flatMap((b) => namesIn(b, lets))];
  }
  const direct = [rule.key ?? [], (rule.sum ?? []).map(({ key }) => key)].flat(2);
  const inTemplate = [...(rule.template ?? '').matchAll(/\{([^{}:]+)/g)].map((m) => m[1]);
  return [...direct, ...inTemplate].flatMap((name) => (Object.hasOwn(lets, name) ? namesIn(lets[name], lets) : [name]));
}
