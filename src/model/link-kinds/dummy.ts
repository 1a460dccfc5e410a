import type { LinkKindSpec } from './spec.ts';

export const dummy: LinkKindSpec = { kind: 'dummy', parent: 'none', options: {} };
