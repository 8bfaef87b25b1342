// SPDX-License-Identifier: BSD-3-Clause
/** Importing this makes the built-in formatters known. */
import { registerStructuredFormatters } from './structured.ts';

registerStructuredFormatters();

export {
  type Formatter,
  type FormatterFile,
  findFormatter,
  type ReadContext,
  registerFormatter,
  type WriteContext,
} from './formatter.ts';
