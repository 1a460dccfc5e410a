// Writes the pages of docs/ that are made from tables. Build first.
import { writeFileSync } from 'node:fs';
import { LINK_KINDS } from '../dist/src/model/link-kinds/index.js';
import { linkKindsPage } from './docs/link-kinds.mjs';

writeFileSync(new URL('../docs/link-kinds.md', import.meta.url), linkKindsPage(LINK_KINDS));
