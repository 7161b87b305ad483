/** Whether a process of this machine runs. */
import { readFileSync } from "node:fs";

/** False of one that has ended and that its parent has not asked about: the first process may take its time. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  if (process.platform !== "linux") return true;
  try {
    return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"));
  } catch {
    return false; // it ended meanwhile
  }
}
