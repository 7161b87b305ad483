/**
 * A task of an array, as slurm-task.sh starts it. Plain JavaScript, because its node may lack what
 * the rest needs; unlike whereabouts.mjs it installs nothing.
 */
import { refuse } from "../src/node/jobs/executors/slurm/refusal.mjs";

const folder = process.argv[2] ?? "";

async function load() {
  try {
    const { program } = await import("./program.mjs");
    return await program("slurm-task");
  } catch (error) {
    const why = error instanceof Error ? error.message.split("\n")[0] : String(error);
    refuse(
      folder,
      `Node ${process.versions.node} cannot load the program (${why}); run npm ci in its folder`,
    );
    process.exit(3);
  }
}

const { task } = await load();
process.exit(await task(folder)); // a probe's own file may leave timers behind
