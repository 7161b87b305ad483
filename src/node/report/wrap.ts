/** Text in lines of a terminal. */

/** Narrower than few terminals are. */
export const LINE = 80;

/** The columns of the terminal on stdout; 80 where it is a file or a pipe. */
export function terminalColumns(): number {
  return process.stdout.columns || LINE; // a terminal whose size is not known says 0
}

/** Words in lines of at most 80 columns, each after the indent. */
export function wrapped(text: string, indent = ""): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length === 0 ? undefined : `${lines.at(-1)} ${word}`;
    if (longer !== undefined && longer.length <= LINE) lines[lines.length - 1] = longer;
    else lines.push(indent + word);
  }
  return lines.join("\n");
}
