/**
 * A process of the local executor: `worker.mjs COMMAND OPTIONS`. Plain JavaScript, because it has
 * Node run TypeScript; unlike whereabouts.mjs it installs nothing, and loads no command.
 */
const [command, options] = process.argv.slice(2);
await import("./typescript.mjs");
const { work } = await import("./worker.ts");
await work(command, options);
