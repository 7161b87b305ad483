/** Makes Node run TypeScript, in this process and (`node --import`) in those that are started with it. */
import * as node from "node:module";

if (node.registerHooks) node.registerHooks(await import("./typescript-hooks.mjs"));
else node.register("./typescript-hooks.mjs", import.meta.url); // before Node 22.15: in a thread of their own
