// SPDX-License-Identifier: BSD-3-Clause
import { skyErrors } from '../../errors.ts';
import type { Cards } from '../wcs.ts';
import { type Distortion, newtonInverse } from './distortion.ts';
import { Polynomial2 } from './polynomial.ts';

/** Coefficients of a SIP polynomial: powers u^p v^q in pixels, u and v counted from CRPIX. */
export interface SipTerm {
  p: number;
  q: number;
  value: number;
}
/** Forward (a, b) and optionally inverse (ap, bp) SIP polynomials as terms. */
export interface SipTerms {
  a: readonly SipTerm[];
  b: readonly SipTerm[];
  ap?: readonly SipTerm[];
  bp?: readonly SipTerm[];
}

const TOLERANCE_PX = 1e-7;

/**
 * Distortion in pixels before the CD matrix: u + A(u, v), v + B(u, v). Shupe et al. (2005), ADASS XIV, "The SIP
 * convention". AP and BP, which are approximations, serve as the first guess of the inverse; Newton steps on A and B
 * make it exact, and only where those do not converge the guess itself is the answer.
 */
export class Sip implements Distortion {
  readonly a: Polynomial2;
  readonly b: Polynomial2;
  readonly ap: Polynomial2 | undefined;
  readonly bp: Polynomial2 | undefined;
  private readonly ga = new Float64Array(3);
  private readonly gb = new Float64Array(3);

  constructor(a: Polynomial2, b: Polynomial2, ap?: Polynomial2, bp?: Polynomial2) {
    this.a = a;
    this.b = b;
    this.ap = ap;
    this.bp = bp;
  }

  static fromTerms(terms: SipTerms): Sip {
    return new Sip(
      polynomialOf(terms.a),
      polynomialOf(terms.b),
      terms.ap && polynomialOf(terms.ap),
      terms.bp && polynomialOf(terms.bp),
    );
  }

  /** The SIP of a header, or undefined where it has none. */
  static fromCards(cards: Cards, alt: string): Sip | undefined {
    const a = readPolynomial(cards, 'A', alt);
    const b = readPolynomial(cards, 'B', alt);
    if (a === undefined && b === undefined) return undefined;
    if (a === undefined || b === undefined) {
      const missing = a === undefined ? 'A_ORDER' : 'B_ORDER';
      throw skyErrors.WCS_MISSING_CARD({ card: missing, why: 'SIP needs both A and B polynomials' });
    }
    const ap = readPolynomial(cards, 'AP', alt);
    const bp = readPolynomial(cards, 'BP', alt);
    return ap && bp ? new Sip(a, b, ap, bp) : new Sip(a, b);
  }

  apply(u: number, v: number, out: Float64Array): void {
    const du = this.a.evaluate(u, v);
    const dv = this.b.evaluate(u, v);
    out[0] = u + du;
    out[1] = v + dv;
  }

  invert(u: number, v: number, out: Float64Array): boolean {
    const guessU = this.ap ? u + this.ap.evaluate(u, v) : u - this.a.evaluate(u, v);
    const guessV = this.bp ? v + this.bp.evaluate(u, v) : v - this.b.evaluate(u, v);
    out[0] = guessU;
    out[1] = guessV;
    if (newtonInverse(this.jacobian, u, v, TOLERANCE_PX, out)) return true;
    out[0] = guessU;
    out[1] = guessV;
    return this.ap !== undefined;
  }

  private readonly jacobian = (u: number, v: number, out: Float64Array): void => {
    const { ga, gb } = this;
    this.a.evaluateWithGradient(u, v, ga);
    this.b.evaluateWithGradient(u, v, gb);
    out[0] = u + ga[0];
    out[1] = v + gb[0];
    out[2] = 1 + ga[1];
    out[3] = ga[2];
    out[4] = gb[1];
    out[5] = 1 + gb[2];
  };

  toCards(): Cards {
    const cards: Record<string, number> = {};
    for (const [name, polynomial] of [
      ['A', this.a],
      ['B', this.b],
      ['AP', this.ap],
      ['BP', this.bp],
    ] as const) {
      if (polynomial === undefined) continue;
      cards[`${name}_ORDER`] = polynomial.order;
      for (let p = 0; p <= polynomial.order; p++)
        for (let q = 0; p + q <= polynomial.order; q++) {
          const value = polynomial.get(p, q);
          if (value !== 0) cards[`${name}_${p}_${q}`] = value;
        }
    }
    return cards;
  }
}

function polynomialOf(terms: readonly SipTerm[]): Polynomial2 {
  const polynomial = new Polynomial2(terms.reduce((most, t) => Math.max(most, t.p + t.q), 0));
  for (const { p, q, value } of terms) polynomial.set(p, q, value);
  return polynomial;
}

function readPolynomial(cards: Cards, name: string, alt: string): Polynomial2 | undefined {
  const key = `${name}_ORDER${alt}`;
  const declared = cards[key];
  if (declared === undefined) return undefined;
  if (typeof declared !== 'number' || !Number.isInteger(declared) || declared < 0 || declared > 20)
    throw skyErrors.WCS_BAD_CARD({
      card: key,
      value: String(declared),
      rule: 'a SIP order is an integer from 0 to 20',
    });
  const polynomial = new Polynomial2(declared);
  for (let p = 0; p <= declared; p++)
    for (let q = 0; p + q <= declared; q++) {
      const value = cards[`${name}_${p}_${q}${alt}`];
      if (value === undefined) continue;
      if (typeof value !== 'number')
        throw skyErrors.WCS_BAD_CARD({ card: `${name}_${p}_${q}`, value: String(value), rule: 'must be a number' });
      polynomial.set(p, q, value);
    }
  return polynomial;
}
