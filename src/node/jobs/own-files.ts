/** The files of the user's own that a job names, as the bytes that it means. */
import { InputError } from "../../errors.ts";
import { loadOwn, OWN_OF_RUN, type Own } from "../run/own/index.ts";
import type { FileOf } from "../run/own/probes.ts";
import type { Job } from "./job.ts";

/**
 * What the job's files define.
 *
 * @throws InputError where one of them has changed since
 */
export async function ownFiles({ name, own: files = {} }: Job): Promise<Own> {
  const own = await loadOwn({
    encoding: files.encoding?.path,
    task: files.task?.path,
    corpus: files.corpus?.path,
  });
  for (const kind of OWN_OF_RUN) {
    const found = own[kind];
    if (found !== undefined) requireMeant(name, found, files[kind]?.sha256);
  }
  return own;
}

/** @throws InputError where a file has changed since the job was made */
export function requireMeant(job: string, { path, sha256 }: FileOf, meant: string | undefined): void {
  if (sha256 === meant) return;
  const hashes = `sha256 ${meant?.slice(0, 8)}, now ${sha256.slice(0, 8)}`;
  throw new InputError(
    `job ${job}: ${path} has changed since the job was made (${hashes}); give the file as it was, or start anew`,
  );
}
