// @ts-check
/**
 * Whether a file or folder can be changed by nobody but this user and root, who can change
 * everything anyway and may have set up for everyone. Windows tells neither owner nor mode.
 *
 * Plain JavaScript: it is asked before TypeScript runs.
 *
 * @param {import("node:fs").Stats} stats
 */
export const isOurs = ({ uid, mode }) =>
  process.getuid === undefined || (isOwner(uid) && (mode & 0o022) === 0);

/** @param {number} uid */
export const isOwner = (uid) => uid === process.getuid?.() || uid === 0;
