import type { Link } from '../../model/link.ts';

/** Finds links by name in lists of which the same one is asked again and again. */
export const createLinkFinder = (): ((links: readonly Link[] | undefined, name: string) => Link | undefined) => {
  let indexed: readonly Link[] | undefined;
  let byName: ReadonlyMap<string, Link> = new Map();
  return (links, name) => {
    if (links !== indexed) byName = new Map(links?.map((link) => [link.name, link]));
    indexed = links;
    return byName.get(name);
  };
};
