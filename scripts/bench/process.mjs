/** A process of the bench: `process.mjs CASE`. Plain JavaScript, because it has Node run TypeScript. */
const [, , one] = process.argv;
await import("../typescript.mjs");
const { work } = await import("./process.ts");
await work(one);
