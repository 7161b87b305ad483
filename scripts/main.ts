/** The process of a command. */
import { asProcess } from "./as-process.ts";
import { commandOf, runCommandLine } from "./command-line.ts";

const words = process.argv.slice(2);
await asProcess(commandOf(words), () => runCommandLine(words));
