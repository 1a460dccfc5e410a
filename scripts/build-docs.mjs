// Writes the pages of docs/ that are made from tables. Build first.
import { readFileSync, writeFileSync } from 'node:fs';
import { LINK_KINDS } from '../dist/src/model/link-kinds/index.js';
import { linkKindsPage } from './docs/link-kinds.mjs';

const proof = JSON.parse(readFileSync(new URL('../docs/link-kinds.json', import.meta.url), 'utf8'));
writeFileSync(new URL('../docs/link-kinds.md', import.meta.url), linkKindsPage(LINK_KINDS, proof));
