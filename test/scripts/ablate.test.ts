/** `ablate`: killed half-way and started again gives the same numbers, to the bit. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test, vi } from "vitest";
import { handler } from "../../scripts/ablate.ts";
import { runsBeside } from "./run-beside.ts";
import { sets, start } from "./run-command.ts";

vi.setConfig({ testTimeout: 180_000 });

const folder = mkdtempSync(join(tmpdir(), "ablate-"));
afterAll(() => rmSync(folder, { recursive: true }));

const beside = runsBeside();

/** A probe of one's own, whose answer no seed changes. */
const PROBE = join(folder, "layers.ts");
writeFileSync(
  PROBE,
  `import { defineProbe, z } from "whereabouts";
export default defineProbe({ name: "layers", question: "How many blocks?", needs: [], config: z.strictObject({}),
  metrics: { blocks: { title: "blocks", unit: "blocks", better: "higher", meaning: "Of the stack." } },
  run: async ({ model }) => [{ metric: "blocks", value: model.shape.layers, n: 1, at: {} }] });
`,
);

const FIELDS = ["model.layers=1", "model.width=8", "model.heads=2", "model.context=18", "train.batch=4"];
const presets = ["sinusoidal", "learned"].map((name) =>
  join(import.meta.dirname, "../../models", `${name}.json`),
);
const args = (out: string, ...more: string[]) => [
  ...[
    "ablate",
    ...presets,
    "--seeds",
    "2",
    "--probe",
    `positions,${PROBE}`,
    "--engine",
    "cpu",
    "--workers",
    "1",
    "--out",
    join(folder, out),
  ],
  ...[
    ...sets(...FIELDS, "train.steps=20", "train.saveEvery=5", "train.evalEvery=10", "train.evalBatches=1"),
    ...more,
  ],
];
const results = (out: string) => readFileSync(join(folder, out, "results.csv"), "utf8");

test("killed half-way and started again: the same numbers; a plan says what is done; another plan is refused", async () => {
  const whole = await beside(...args("whole", "--against", "sinusoidal"));
  expect(whole.code, whole.stderr).toBe(0);
  expect(whole.stdout).toMatch(/^sinusoidal .* the reference$/m);

  const page = readFileSync(join(folder, "whole", "report.html"), "utf8");
  expect(page).toContain("difference to sinusoidal");
  expect(page).not.toMatch(/NaN|undefined/);
  expect(results("whole").match(/^.*,sinusoidal,\d,\d+,blocks,1,blocks,1,/gm)).toHaveLength(2);
  expect(page).toContain("blocks");
  const links = [...page.matchAll(/href="(figures\/[\w-]+)\.(svg|png)"/g)].map(
    ([, name, kind]) => `${name}.${kind}`,
  );
  expect(links.length).toBeGreaterThan(0);
  for (const link of links) expect(existsSync(join(folder, "whole", link)), link).toBe(true);

  const killed = start(...args("killed"));
  const runs = () => (existsSync(join(folder, "killed")) ? readdirSync(join(folder, "killed")) : []);
  await vi.waitUntil(() => runs().filter((name) => name.includes("-who-")).length >= 3, { timeout: 120_000 });
  killed.child.kill("SIGKILL");
  await killed.outcome;
  expect(existsSync(join(folder, "killed", "results.csv"))).toBe(false);
  const again = await beside(...args("killed"));
  expect(again.code, again.stderr).toBe(0);
  expect(again.stderr).toMatch(/was trained before/);
  expect(results("killed")).toBe(results("whole"));
  expect(results("whole").split("\n")[0]).toMatch(
    /^data,condition,encoding,seed,parameters,metric,value,unit,n,se,/,
  );

  const plan = await beside(...args("whole", "--against", "sinusoidal", "--match-parameters", "--plan"));
  expect(plan.stdout, plan.stderr).toMatch(/6 runs, 4 of them done/);
  expect(plan.stdout).toMatch(/^sinusoidal-mlp40 +2 +0 +[\d,]+ /m); // 18·8 numbers more, 17 a column of the MLP
  const other = await beside(...args("whole", "--set", "train.steps=50"));
  expect({ code: other.code, stdout: other.stdout }).toEqual({ code: 2, stdout: "" });
  expect(other.stderr).toMatch(/whole: holds another sweep \(train\.steps is 20 there and 50 here\)/);
  const alone = handler({ probe: "order", matchParameters: true, presets, data: [], with: [] } as never);
  await expect(alone).rejects.toThrow(/--match-parameters: .*--against/);
});
