/** Where the user's cache is. */
import { homedir } from "node:os";
import { isAbsolute, join } from "node:path";
import { InputError } from "../../errors.ts";

/**
 * A folder of the user's cache, for all clones: "native" holds the libraries. A relative
 * XDG_CACHE_HOME is ignored, as the specification asks.
 *
 * @throws InputError where the user has no home folder
 */
export function cacheFolder(part = "native", environment: NodeJS.ProcessEnv = process.env): string {
  const given = environment.XDG_CACHE_HOME;
  const root = given !== undefined && isAbsolute(given) ? given : join(homeFolder(), ".cache");
  return join(root, "whereabouts", part);
}

/** A container may run as a user that its system does not know. */
function homeFolder(): string {
  let home = "";
  try {
    home = homedir();
  } catch {}
  if (isAbsolute(home)) return home;
  throw new InputError(
    "cache: this user has no home folder; set HOME, or XDG_CACHE_HOME to a folder that can be written",
  );
}
