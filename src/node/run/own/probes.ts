/** `--probe`: listed names and files of the user's own, mixed. */
import { InputError } from "../../../errors.ts";
import type { Probe } from "../../../probes/probe.ts";
import { probeNamed } from "../../../probes/run.ts";
import { loadOwnProbe, type OwnFile } from "./index.ts";

/** `./mine.ts`, `probes/mine.js`, `mine.mts`. */
const isPath = (text: string) => /[/\\]|\.[cm]?[jt]s$/.test(text);

/** The file that a definition comes from, and the SHA-256 of its bytes. */
export type FileOf = Omit<OwnFile<Probe>, "definition">;

/** Probes, and by name the file of each that is not listed. */
export interface GivenProbes {
  readonly probes: readonly Probe[];
  readonly files: Readonly<Record<string, FileOf>>;
}

/**
 * The probes of a list such as `order,./mine.ts`, in its order.
 *
 * @throws InputError for an unknown name, a file that exports no probe, or two of one name.
 */
export async function probesGiven(list: string): Promise<GivenProbes> {
  const words = list.split(",");
  for (const word of words) if (!isPath(word)) probeNamed(word); // before any file runs
  const given: Probe[] = [];
  const files: Record<string, FileOf> = {};
  for (const word of words) {
    const file = isPath(word) ? await loadOwnProbe(word) : undefined;
    const probe = file?.definition ?? probeNamed(word);
    const other = given.find(({ name, metrics }) => name !== probe.name && sharesMetric({ metrics }, probe));
    if (given.some(({ name }) => name === probe.name && isPath(word)))
      throw new InputError(`--probe: ${word}: "${probe.name}" is given twice; rename one of them`);
    if (other !== undefined)
      throw new InputError(`--probe: ${word}: has a metric of "${other.name}"; rename it`);
    given.push(probe);
    if (file !== undefined) files[probe.name] = { path: file.path, sha256: file.sha256 };
  }
  return { probes: given, files };
}

const sharesMetric = (a: Pick<Probe, "metrics">, b: Pick<Probe, "metrics">) =>
  Object.keys(a.metrics).some((name) => Object.hasOwn(b.metrics, name));
