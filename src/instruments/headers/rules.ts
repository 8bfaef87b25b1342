// SPDX-License-Identifier: BSD-3-Clause
import type { Cards } from '../../sky/index.ts';
import type { Condition, Rule, SingleRule } from '../definition/schema.ts';
import { instrumentErrors } from '../errors.ts';
import { toQuantity } from './units.ts';

export type Scalar = string | number | boolean;

/** What rules look at: the cards of a file; of headers that have the same keyword the first wins. */
export interface RuleScope {
  readonly file: string;
  readonly headers: readonly Cards[];
}

/** Value of a rule, or undefined where it has none (no card and no default). */
export type Evaluate = (scope: RuleScope) => Scalar | undefined;
export type Holds = (scope: RuleScope) => boolean;

/**
 * The rules of an instrument, made ready to be asked of very many headers. Forms: a constant; `{key}` (or a list of keys: the first
 * present); `{template: '{RUN}{FRAME:04}'}` with cards and `let` names, `:0n` zero-padding integers; `{sum: [{key, scale}]}`; each with,
 * in this order, `extract`, `letterCase`, `replace`, `map`, `unit`, `scale`, `offset`, `modulo`, `min`, `max`, and `default` where nothing comes of
 * it; or `{cases: [{when, is}], otherwise}`.
 */
export class RuleBook {
  readonly #lets: ReadonlyMap<string, Evaluate>;

  constructor(lets: Readonly<Record<string, Rule>>) {
    const compiled = new Map<string, Evaluate>();
    this.#lets = compiled;
    for (const [name, rule] of Object.entries(lets)) compiled.set(name, this.compile(`let.${name}`, rule));
  }

  /** `property` is for messages. */
  compile(property: string, rule: Rule): Evaluate {
    if (typeof rule !== 'object') return () => rule;
    if (!('cases' in rule)) return this.#single(property, rule);
    const cases = rule.cases.map((c) => ({ holds: this.condition(c.when), is: this.compile(property, c.is) }));
    const otherwise = rule.otherwise === undefined ? undefined : this.compile(property, rule.otherwise);
    return (scope) => (cases.find((c) => c.holds(scope))?.is ?? otherwise)?.(scope);
  }

  /** Whether every entry holds: equality, `matches` (regular expression), `above`, `below`. A missing card holds for `present: false` alone. */
  condition(condition: Condition): Holds {
    const tests = Object.entries(condition).map(([name, wanted]): Holds => {
      const look = this.lookUp(name);
      if (typeof wanted !== 'object') {
        const text = String(wanted);
        return (scope) => {
          const value = look(scope);
          return value !== undefined && String(value).trim() === text;
        };
      }
      const { above, below } = wanted;
      const pattern = wanted.matches === undefined ? undefined : new RegExp(wanted.matches);
      return (scope) => {
        const value = look(scope);
        if (value === undefined) return wanted.present === false;
        return (
          wanted.present !== false &&
          (pattern === undefined || pattern.test(String(value))) &&
          (above === undefined || Number(value) > above) &&
          (below === undefined || Number(value) < below)
        );
      };
    });
    return (scope) => tests.every((test) => test(scope));
  }

  /** A card of any header, or a `let` value. */
  lookUp(name: string): Evaluate {
    return (scope) => {
      const own = this.#lets.get(name);
      if (own !== undefined) return own(scope);
      for (const cards of scope.headers) {
        const value = cards[name];
        if (value !== undefined) return typeof value === 'string' ? value.trimEnd() : value;
      }
      return undefined;
    };
  }

  #single(property: string, rule: SingleRule): Evaluate {
    const raw = this.#raw(rule);
    const change = changes(rule);
    const number = numeric(property, rule);
    return (scope) => {
      const value = raw(scope);
      const changed = value === undefined ? undefined : change(value);
      const result = changed === undefined || number === undefined ? changed : number(changed, scope.file);
      return result === undefined ? rule.default : result;
    };
  }

  #raw(rule: SingleRule): Evaluate {
    if (rule.value !== undefined) return () => rule.value;
    if (rule.template !== undefined) return this.#template(rule.template);
    if (rule.sum !== undefined) return this.#sum(rule.sum);
    const looks = [rule.key ?? []].flat().map((key) => this.lookUp(key));
    return (scope) => {
      for (const look of looks) {
        const value = look(scope);
        if (value !== undefined && (value !== '' || rule.blank === true)) return value;
      }
      return undefined;
    };
  }

  #template(template: string): Evaluate {
    const parts = [...template.matchAll(/\{([^{}:]+)(?::0(\d+))?\}|[^{}]+|[{}]/g)].map(([text, name, width]) =>
      name === undefined ? text : { look: this.lookUp(name), width: Number(width ?? 0) },
    );
    return (scope) => {
      let text = '';
      for (const part of parts) {
        if (typeof part === 'string') text += part;
        else {
          const value = part.look(scope);
          if (value === undefined) return undefined;
          text += String(value).padStart(part.width, '0');
        }
      }
      return text;
    };
  }

  #sum(terms: NonNullable<SingleRule['sum']>): Evaluate {
    const looks = terms.map(({ key, scale }) => ({ look: this.lookUp(key), scale: scale ?? 1 }));
    return (scope) => {
      let sum = 0;
      for (const { look, scale } of looks) {
        const value = look(scope);
        if (value === undefined) return undefined;
        sum += Number(value) * scale;
      }
      return sum;
    };
  }
}

function changes(rule: SingleRule): (value: Scalar) => Scalar | undefined {
  const { letterCase, replace, map } = rule;
  const pattern = rule.extract === undefined ? undefined : new RegExp(rule.extract);
  return (value) => {
    let part: Scalar | undefined = value;
    if (pattern !== undefined) part = pattern.exec(String(part))?.slice(1).join('');
    if (part === undefined) return undefined;
    if (letterCase === 'upper') part = String(part).toUpperCase();
    if (letterCase === 'lower') part = String(part).toLowerCase();
    if (replace !== undefined) part = own(replace, String(part).trim()) ?? part;
    return map === undefined ? part : own(map, String(part).trim());
  };
}

function own(table: Readonly<Record<string, Scalar>>, key: string): Scalar | undefined {
  return Object.hasOwn(table, key) ? table[key] : undefined;
}

/** What a rule does to a number; undefined where it says nothing of numbers. */
function numeric(
  property: string,
  rule: SingleRule,
): ((value: Scalar, file: string) => number | undefined) | undefined {
  const { unit, scale, offset, modulo, min, max } = rule;
  if ([unit, scale, offset, modulo, min, max].every((option) => option === undefined)) return undefined;
  return (value, file) => {
    const number = toQuantity(value, unit) * (scale ?? 1) + (offset ?? 0);
    if (Number.isNaN(number)) {
      throw instrumentErrors.BAD_VALUE({ file, property, value: String(value), problem: 'it is not a number' });
    }
    const wrapped = modulo === undefined ? number : ((number % modulo) + modulo) % modulo;
    return wrapped < (min ?? -Infinity) || wrapped > (max ?? Infinity) ? undefined : wrapped;
  };
}
