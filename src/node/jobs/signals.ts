/** The signals that ask a process for its end, and the exit code with which it answers. */

/** The exit code of work that was interrupted and saved. */
export const EXIT_INTERRUPTED = 130;

/** What asks for an end. SIGHUP: the terminal is closed, or the connection to it lost. */
export const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
