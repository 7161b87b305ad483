/** A process of the bench: `process.mjs CASE`. Plain JavaScript, because it finds what is built of TypeScript. */
import { program } from "../program.mjs";

const [, , one] = process.argv;
const { work } = await program("bench/process");
await work(one);
