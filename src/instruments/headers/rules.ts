// SPDX-License-Identifier: BSD-3-Clause
import { didYouMean } from '../../base/index.ts';
import type { Cards } from '../../sky/index.ts';
import type { Condition, Rule, SingleRule } from '../definition/schema.ts';
import { instrumentErrors } from '../errors.ts';

export type Scalar = string | number | boolean;

/** What rules look at: the cards of a file (first header that has the keyword wins) and the `let` values of the instrument. */
export interface RuleScope {
  readonly instrument: string;
  readonly file: string;
  readonly headers: readonly Cards[];
  readonly lets: Readonly<Record<string, Rule>>;
}

/**
 * Value of a rule, or undefined where it has none (no card and no default). Forms:
 * a constant; `{key}` (or a list of keys: the first present); `{template: '{RUN}{FRAME:04}'}` with cards and `let` names,
 * `:0n` zero-padding integers; each with `extract`, `map`, `scale`, `offset`, `default`; or `{cases: [{when, is}], otherwise}`.
 */
export function evaluateRule(rule: Rule, scope: RuleScope): Scalar | undefined {
  if (typeof rule !== 'object') return rule;
  if ('cases' in rule) {
    const match = rule.cases.find((c) => holds(c.when, scope));
    const chosen = match === undefined ? rule.otherwise : match.is;
    return chosen === undefined ? undefined : evaluateRule(chosen, scope);
  }
  const raw = rawValue(rule, scope);
  if (raw === undefined) return rule.default;
  const part = rule.extract === undefined ? raw : new RegExp(rule.extract).exec(String(raw))?.slice(1).join('');
  if (part === undefined) return rule.default;
  const mapped = rule.map === undefined ? part : rule.map[String(part)];
  if (mapped === undefined) return rule.default;
  if (rule.scale === undefined && rule.offset === undefined) return mapped;
  return Number(mapped) * (rule.scale ?? 1) + (rule.offset ?? 0);
}

/** Whether every entry of a condition holds: equality, `matches` (regular expression), `above`, `below`. A missing card matches nothing. */
export function holds(condition: Condition, scope: RuleScope): boolean {
  return Object.entries(condition).every(([name, wanted]) => {
    const value = lookUp(name, scope);
    if (value === undefined) return false;
    if (typeof wanted !== 'object') return String(value).trim() === String(wanted);
    return (
      (wanted.matches === undefined || new RegExp(wanted.matches).test(String(value))) &&
      (wanted.above === undefined || Number(value) > wanted.above) &&
      (wanted.below === undefined || Number(value) < wanted.below)
    );
  });
}

/** A card of any header, or a `let` value. */
function lookUp(name: string, scope: RuleScope): Scalar | undefined {
  if (Object.hasOwn(scope.lets, name)) return evaluateRule(scope.lets[name], scope);
  for (const cards of scope.headers) {
    const value = cards[name];
    if (value !== undefined) return typeof value === 'string' ? value.trimEnd() : value;
  }
  return undefined;
}

function rawValue(rule: SingleRule, scope: RuleScope): Scalar | undefined {
  if (rule.value !== undefined) return rule.value;
  if (rule.template !== undefined) return fillTemplate(rule.template, scope);
  for (const key of typeof rule.key === 'string' ? [rule.key] : (rule.key ?? [])) {
    const value = lookUp(key, scope);
    if (value !== undefined && value !== '') return value;
  }
  return undefined;
}

function fillTemplate(template: string, scope: RuleScope): string | undefined {
  let complete = true;
  const text = template.replace(/\{([^{}:]+)(?::0(\d+))?\}/g, (_all, name: string, width: string | undefined) => {
    const value = lookUp(name, scope);
    if (value === undefined) {
      complete = false;
      return '';
    }
    return width === undefined ? String(value) : String(value).padStart(Number(width), '0');
  });
  return complete ? text : undefined;
}

/** The value of a rule that must have one; the error names the card that is missing. */
export function requireRule(rule: Rule, property: string, scope: RuleScope): Scalar {
  const value = evaluateRule(rule, scope);
  if (value !== undefined) return value;
  throw instrumentErrors.MISSING_CARD({
    file: scope.file,
    card: missingCards(rule, scope),
    property,
    instrument: scope.instrument,
  });
}

/** The keywords a rule looked for in vain, with the nearest present one. */
function missingCards(rule: Rule, scope: RuleScope): string {
  const names = namesIn(rule, scope).filter((name) => lookUp(name, scope) === undefined);
  if (names.length === 0) return '(no case of its rule matches)';
  const present = scope.headers.flatMap((cards) => Object.keys(cards));
  return `${names.join(' or ')}${names.length === 1 ? didYouMean(names[0], present) : ''}`;
}

function namesIn(rule: Rule, scope: RuleScope): string[] {
  if (typeof rule !== 'object') return [];
  if ('cases' in rule) {
    const branches = [...rule.cases.map((c) => c.is), ...(rule.otherwise === undefined ? [] : [rule.otherwise])];
    return [...rule.cases.flatMap((c) => Object.keys(c.when)), ...branches.flatMap((b) => namesIn(b, scope))];
  }
  const direct = typeof rule.key === 'string' ? [rule.key] : (rule.key ?? []);
  const inTemplate = [...(rule.template ?? '').matchAll(/\{([^{}:]+)/g)].map((m) => m[1]);
  return [...direct, ...inTemplate].flatMap((name) =>
    Object.hasOwn(scope.lets, name) ? namesIn(scope.lets[name], scope) : [name],
  );
}
