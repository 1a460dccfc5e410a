/**
 * Whether a kernel renames links that are up (bd039b5ea2a9 "net/core: Allow live renaming when an interface is up", 6.2).
 * A distribution may have it earlier: then a link goes down without need.
 * @param release as `uname -r` has it: `6.1.0-18-amd64`
 */
export const canRenameUp = (release: string): boolean => {
  const [major = 0, minor = 0] = release.split('.').map((part) => Number.parseInt(part, 10));
  return major > 6 || (major === 6 && minor >= 2);
};
