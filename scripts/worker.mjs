/**
 * A process of the local executor: `worker.mjs COMMAND OPTIONS`. Plain JavaScript, because it
 * finds what is built of TypeScript; unlike whereabouts.mjs it installs nothing, and loads no command.
 */
import { program } from "./program.mjs";

const [command, options] = process.argv.slice(2);
const { work } = await program("worker");
await work(command, options);
