/** What a path that leads nowhere was probably meant to be. */
import { readdirSync, type Stats, statSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { nearest } from "../../nearest.ts";
import { ROOT } from "../files/root.ts";

const MODELS = join(ROOT, "models");

/** "; did you mean models/rope.json?" where a preset's name comes close, or nothing. */
export function presetMeant(path: string): string {
  const names = namesIn(MODELS)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
  const name = closest(basename(path).replace(/\.json$/i, ""), names);
  return name === undefined ? "" : `; did you mean ${shortest(join(MODELS, `${name}.json`))}?`;
}

/** "; did you mean checkpoints/rope-who-s1-3f9c2a?" where a run's name comes close, or nothing. */
export function runMeant(path: string, folder = "checkpoints"): string {
  const runs = namesIn(folder).filter((name) => isFolder(join(folder, name)));
  const given = basename(path);
  const name = runs.find((run) => run.startsWith(`${given}-`)) ?? closest(given, runs);
  return name === undefined ? "" : `; did you mean ${join(folder, name)}?`;
}

function closest(given: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === given.toLowerCase()) ?? nearest(given, names);
}

/** As a person would type it from here. */
function shortest(path: string): string {
  const near = relative(process.cwd(), path);
  return near.startsWith("..") ? path : near;
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Whether a path leads to a file that can be looked at. */
export const isFile = (path: string): boolean => statusOf(path)?.isFile() ?? false;
const isFolder = (path: string): boolean => statusOf(path)?.isDirectory() ?? false;

function statusOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined; // also what a link to itself gives
  }
}
