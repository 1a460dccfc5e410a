import type { LinkKindSpec } from './spec.ts';

export const ifb: LinkKindSpec = { kind: 'ifb', parent: 'none', options: {} };
