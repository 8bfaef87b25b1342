// SPDX-License-Identifier: BSD-3-Clause
import { existsSync, readFileSync } from 'node:fs';

/** What goes with every request to a server, and the URL without what is secret in it. */
export interface Access {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * User and password of a URL as a header; without them the bearer token of the environment variable LSST_HTTP_AUTH_BEARER_TOKEN (the token,
 * or the path of a file that holds it), to encrypted or local servers only.
 */
export function accessTo(address: string): Access {
  const url = new URL(address);
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username !== '') {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { url: url.href, headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` } };
  }
  const given = process.env['LSST_HTTP_AUTH_BEARER_TOKEN'];
  const isSafe = url.protocol === 'https:' || ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  if (given === undefined || given === '' || !isSafe) return { url: url.href, headers: {} };
  const token = existsSync(given) ? readFileSync(given, 'utf8').trim() : given;
  return { url: url.href, headers: { authorization: `Bearer ${token}` } };
}

/** A URL as it may be printed. */
export function shownUrl(address: string): string {
  return address.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1');
}
