/** The probes that a job names, listed ones and the user's own. */
import type { Probe } from "../../probes/probe.ts";
import { probeNamed } from "../../probes/run.ts";
import { loadOwnProbe } from "../run/own/index.ts";
import type { Job } from "./job.ts";
import { requireMeant } from "./own-files.ts";

/** The probes of a job, in its order. @throws InputError for an unknown name, or a file that is another now */
export async function probesOf({ name: job, probes }: Job): Promise<Probe[]> {
  const found: Probe[] = [];
  for (const { name, file } of probes) {
    if (file === undefined) found.push(probeNamed(name));
    else {
      const loaded = await loadOwnProbe(file.path);
      requireMeant(job, loaded, file.sha256);
      found.push(loaded.definition);
    }
  }
  return found;
}
