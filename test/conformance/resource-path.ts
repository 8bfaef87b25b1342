// SPDX-License-Identifier: BSD-3-Clause
import { SkymillError } from '../../src/base/index.ts';
import { ResourcePath } from '../../src/butler/datastore/resource-path.ts';

export interface ResourcePathCase {
  uri: string;
  call: string;
  args: readonly string[];
}

/** Suite `resource-path`: a part of an address, or an address made from it; texts, except `dirLike`. */
export function answer({ uri, call, args }: ResourcePathCase): unknown {
  try {
    const path = ResourcePath.parse(uri);
    switch (call) {
      case 'geturl':
        return path.toString();
      case 'getExtension':
        return path.extension;
      case 'dirname':
      case 'parent':
        return path[call].toString();
      case 'unquoted_path':
        return path.unquotedPath;
      case 'ospath':
        return path.localPath;
      case 'join':
        return path.join(args[0]).toString();
      case 'relative_to':
        return path.relativeTo(ResourcePath.parse(args[0])) ?? null;
      case 'updatedExtension':
        return path.withExtension(args[0]).toString();
      case 'updatedFile':
        return path.withFile(args[0]).toString();
      case 'scheme':
      case 'netloc':
      case 'path':
      case 'basename':
      case 'relativeToPathRoot':
      case 'fragment':
      case 'query':
      case 'dirLike':
      case 'isLocal':
        return path[call];
      default:
        throw new Error(`no answer for ${call}`);
    }
  } catch (error) {
    if (error instanceof SkymillError) return { raises: error.code };
    throw error;
  }
}
