// @ts-check
/** Has Node read TypeScript: the program's own where nothing was built of it, and users' files. */
import * as node from "node:module";

let isRegistered = false;

/** The second call does nothing. */
export async function registerTypeScript() {
  if (isRegistered) return;
  isRegistered = true;
  const { registerHooks } = /** @type {{ registerHooks?: (hooks: unknown) => void }} */ (node);
  if (registerHooks) registerHooks(await import("./hooks.mjs"));
  else node.register("./hooks.mjs", import.meta.url); // before Node 22.15: in a thread of their own
}
