// @ts-check
/**
 * Touches files every few seconds, in a thread of its own: a process that computes for minutes
 * without a pause still gives signs of life.
 */
import { utimesSync } from "node:fs";
import { Worker } from "node:worker_threads";

/** Seconds between two touches. */
export const HEARTBEAT_SECONDS = 5;

/** Source text: no loader of the process, such as one for TypeScript, has to be started in the thread. */
const THREAD = `
const { utimesSync } = require("node:fs");
const { parentPort, workerData } = require("node:worker_threads");
const paths = new Set();
parentPort.on("message", ({ path, beats }) => (beats ? paths.add(path) : paths.delete(path)));
setInterval(() => {
  for (const path of paths) try { utimesSync(path, new Date(), new Date()); } catch {}
}, workerData * 1000);
`;

/** @type {Set<string>} */
const beating = new Set();
/** @type {Worker | undefined} */
let thread;
/** @type {NodeJS.Timeout | undefined} */
let substitute;

/**
 * Begins to touch a file; the function returned ends it.
 *
 * @param {string} path
 */
export function beat(path) {
  beating.add(path);
  if (substitute === undefined) thread ??= startThread();
  thread?.postMessage({ path, beats: true });
  return () => {
    beating.delete(path);
    thread?.postMessage({ path, beats: false });
  };
}

function startThread() {
  try {
    const worker = new Worker(THREAD, { eval: true, workerData: HEARTBEAT_SECONDS, execArgv: [], env: {} });
    worker.on("error", withoutThread);
    worker.unref();
    return worker;
  } catch {
    withoutThread();
    return undefined;
  }
}

/** Where no thread can be had, the main one touches the files when it is not busy. */
function withoutThread() {
  thread = undefined;
  substitute ??= setInterval(() => {
    for (const path of beating) touch(path);
  }, HEARTBEAT_SECONDS * 1000);
  substitute.unref();
}

/**
 * Whether the file system lets a file be touched.
 *
 * @param {string} path
 */
export function touch(path) {
  try {
    utimesSync(path, new Date(), new Date());
    return true;
  } catch {
    return false;
  }
}
