/** `node --import`: has Node run TypeScript. */
import { registerTypeScript } from "../src/node/files/typescript/register.mjs";

await registerTypeScript();
