// SPDX-License-Identifier: BSD-3-Clause
import { posix, resolve } from 'node:path';
import { butlerErrors } from '../errors.ts';

/*
 * Addresses of files: URIs (RFC 3986) and plain paths. Only arithmetic happens here; nothing is opened. A plain path is taken as it
 * is (its `%` and spaces are escaped on the way in), a URI is kept as it was written.
 */

/** Schemes that repositories of the Gen3 format may name; bytes are read from `file` only. */
const schemes = new Set(['file', 's3', 'gs', 'http', 'https', 'dav', 'davs', 'resource', 'mem']);
/** Endings of compressed files, which keep the ending before them. */
const compressions = new Set(['gz', 'bz2', 'xz', 'fz']);
const pattern = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(?:\?([^#]*))?(?:#([\s\S]*))?$/;

interface Parts {
  scheme: string;
  netloc: string;
  path: string;
  query: string;
  fragment: string;
}

export class ResourcePath {
  readonly scheme: string;
  /** Host, bucket or package; with user and port. */
  readonly netloc: string;
  /** As in the URI: escaped. */
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
  /** Whether it names a folder; null where only the storage could tell. */
  readonly dirLike: boolean | null;

  private constructor(parts: Parts, dirLike: boolean | null) {
    this.scheme = parts.scheme;
    this.netloc = parts.netloc;
    this.path = parts.path;
    this.query = parts.query;
    this.fragment = parts.fragment;
    this.dirLike = dirLike;
  }

  /**
   * Reads a URI or a path. A relative path is one of `root` (default: the working directory); in a path `#` begins a fragment.
   * @throws BUTLER_UNSUPPORTED for a scheme that is none of the format's
   */
  static parse(text: string, root?: string): ResourcePath {
    const match = pattern.exec(text);
    if (match === null) return ResourcePath.#fromPath(text, root);
    const [, scheme, netloc, path, query = '', fragment = ''] = match;
    if (!schemes.has(scheme.toLowerCase())) throw butlerErrors.UNSUPPORTED({ what: `The URI scheme of ${text}` });
    return new ResourcePath({ scheme: scheme.toLowerCase(), netloc, path, query, fragment }, null);
  }

  static #fromPath(text: string, root?: string): ResourcePath {
    const at = text.indexOf('#');
    const name = at < 0 ? text : text.slice(0, at);
    const isFolder = name.endsWith('/');
    // A path that is escaped already (`%20`) stays as it is: others would be read back with the escape in their name.
    const escaped = /%[0-9A-Fa-f]{2}/.test(name);
    const absolute = root === undefined ? resolve(name) : resolve(root, name);
    const whole = isFolder && absolute !== '/' ? `${absolute}/` : absolute;
    const path = escaped ? whole : escapePath(whole);
    const fragment = at < 0 ? '' : text.slice(at + 1);
    return new ResourcePath({ scheme: 'file', netloc: '', path, query: '', fragment }, isFolder ? true : null);
  }

  /** The whole address. */
  toString(): string {
    const query = this.query === '' ? '' : `?${this.query}`;
    const fragment = this.fragment === '' ? '' : `#${this.fragment}`;
    return `${this.scheme}://${this.netloc}${this.path}${query}${fragment}`;
  }

  get isLocal(): boolean {
    return this.scheme === 'file';
  }

  /** Unescaped; what follows the last slash, empty for a folder. */
  get basename(): string {
    return unescaped(this.path.slice(this.path.lastIndexOf('/') + 1));
  }

  /** The folder of the file, or the folder itself where it ends in a slash. */
  get dirname(): ResourcePath {
    return this.#folder(this.path.slice(0, this.path.lastIndexOf('/') + 1));
  }

  /** The folder above. */
  get parent(): ResourcePath {
    const trimmed = this.path.replace(/\/+$/, '').replace(/\/{2,}/g, '/');
    return this.#folder(trimmed.slice(0, trimmed.lastIndexOf('/') + 1));
  }

  get unquotedPath(): string {
    return this.scheme === 'resource' ? this.path : unescaped(this.path);
  }

  get unquotedFragment(): string {
    return unescaped(this.fragment);
  }

  /** The path without the leading slash, unescaped. */
  get relativeToPathRoot(): string {
    const path = this.unquotedPath.replace(/^\//, '');
    return path === '' ? './' : path;
  }

  /** `.fits`; with what was compressed, `.fits.gz`. */
  get extension(): string {
    const parts = this.basename.split('.');
    if (parts.length < 2) return '';
    const last = parts.at(-1)!;
    return compressions.has(last) && parts.length > 2 ? `.${parts.at(-2)}.${last}` : `.${last}`;
  }

  /**
   * Path in the local file system.
   * @throws BUTLER_UNSUPPORTED for other schemes
   */
  get localPath(): string {
    if (!this.isLocal) throw butlerErrors.UNSUPPORTED({ what: `Storage of ${this.toString()}` });
    return unescaped(this.path);
  }

  /** The address of `path` below this one, which is taken for a folder. An absolute path or a URI stands for itself. */
  join(path: string): ResourcePath {
    if (pattern.test(path)) return ResourcePath.parse(path);
    const at = path.indexOf('#');
    const name = at < 0 ? path : path.slice(0, at);
    const escaped = this.scheme === 'resource' ? name : escapePath(name);
    const base = this.path.endsWith('/') ? this.path : `${this.path}/`;
    const joined = posix.isAbsolute(escaped) ? posix.normalize(escaped) : posix.normalize(posix.join(base, escaped));
    const fragment = at < 0 ? '' : path.slice(at + 1);
    const dirLike = joined.endsWith('/') ? true : null;
    return new ResourcePath({ ...this.#parts(), path: joined, query: this.query, fragment }, dirLike);
  }

  /** The unescaped path below `folder`; undefined where this is not below it. Nothing is normalised: `..` leads nowhere. */
  relativeTo(folder: ResourcePath): string | undefined {
    if (this.scheme !== folder.scheme || this.netloc !== folder.netloc) return undefined;
    const base = folder.path.endsWith('/') ? folder.path : `${folder.path}/`;
    if (!this.path.startsWith(base)) return undefined;
    const inner = this.path.slice(base.length);
    if (inner.split('/').includes('..')) return undefined;
    return unescaped(inner);
  }

  /** With another ending, in place of all of {@link extension}; '' removes it. */
  withExtension(extension: string): ResourcePath {
    const wanted = extension === '' || extension.startsWith('.') ? extension : `.${extension}`;
    const { extension: old } = this;
    const path = this.path.slice(0, this.path.length - (old === '' ? 0 : escapePath(old).length)) + escapePath(wanted);
    return new ResourcePath({ ...this.#parts(), path }, this.dirLike);
  }

  /** Another file of the same folder; query and fragment belonged to the old one. */
  withFile(name: string): ResourcePath {
    const path = this.path.slice(0, this.path.lastIndexOf('/') + 1) + escapePath(name);
    return new ResourcePath({ ...this.#parts(), path, query: '', fragment: '' }, null);
  }

  withFragment(fragment: string): ResourcePath {
    return new ResourcePath({ ...this.#parts(), fragment }, this.dirLike);
  }

  #folder(path: string): ResourcePath {
    return new ResourcePath({ ...this.#parts(), path, query: '', fragment: '' }, true);
  }

  #parts(): Parts {
    const { scheme, netloc, path, query, fragment } = this;
    return { scheme, netloc, path, query, fragment };
  }
}

/** Escapes what may not stand in the path of a URI. */
function escapePath(path: string): string {
  return path.split('/').map(encodeSegment).join('/');
}

function encodeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Undoes escapes; text that is no correct escape stays. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/(?:%[0-9A-Fa-f]{2})+/g, (bytes) => Buffer.from(bytes.replaceAll('%', ''), 'hex').toString());
  }
}
