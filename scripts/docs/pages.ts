/** Pages about the public API, of what the package holds: the types that are built, with their comments. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InputError } from "../../src/errors.ts";
import { runVisibly } from "../../src/node/files/command.ts";
import { ROOT } from "../../src/node/files/root.ts";
import { typedocProgram } from "./tools.ts";

const ENTRIES = ["index.d.ts", join("node", "index.d.ts")].map((entry) => join(ROOT, "dist", "src", entry));

/** What signatures name and no user has to: insides of engines, of caches, and of events between processes. */
const NOT_EXPORTED = [
  ...["Graph", "StateGraph", "Transition", "LoopGraph", "Turn", "KvCache", "Group", "AnsweredBatch"],
  ...["OfSubject", "Taken", "LossesBySplit"],
];

/**
 * Writes them.
 *
 * @throws InputError for any warning, such as of a type that a signature names and no entry exports
 */
export async function writePages(out: string): Promise<void> {
  const program = await typedocProgram();
  const folder = mkdtempSync(join(tmpdir(), "whereabouts-docs-"));
  try {
    const [project, options] = ["tsconfig.json", "typedoc.json"].map((name) => join(folder, name)) as [
      string,
      string,
    ];
    writeFileSync(project, JSON.stringify(projectOf()));
    writeFileSync(options, JSON.stringify(optionsOf(project, out)));
    const { code } = await runVisibly([process.execPath, program, "--options", options], {
      cwd: ROOT,
      stdio: ["ignore", 2, 2],
    });
    if (code !== 0) throw new InputError(`docs: typedoc ends with code ${code}; mend what it names above`);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const projectOf = () => ({
  compilerOptions: {
    ...{ target: "es2023", lib: ["es2023", "dom", "dom.iterable"], module: "nodenext" },
    ...{ strict: true, skipLibCheck: true, noEmit: true },
    ...{ types: ["node"], typeRoots: [join(ROOT, "node_modules", "@types")] },
  },
  files: ENTRIES,
});

const optionsOf = (tsconfig: string, out: string) => ({
  ...{ name: "whereabouts", entryPoints: ENTRIES, tsconfig, out, readme: "none" },
  ...{ treatWarningsAsErrors: true, skipErrorChecking: true }, // tsc has checked what is built
  ...{ disableSources: true, githubPages: false, includeVersion: true, excludeExternals: true },
  intentionallyNotExported: NOT_EXPORTED,
});
