/** Options that npm keeps for itself where `--` is missing: each of each command is noticed. */
import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import yargs, { type Argv, type CommandModule } from "yargs";
import { requireNoneKept } from "../../scripts/npm-options.ts";
import { InputError } from "../../src/errors.ts";
import { LEARNED } from "./run-command.ts";

const SCRIPTS = fileURLToPath(new URL("../../scripts/", import.meta.url));

interface Options {
  readonly key: Readonly<Record<string, unknown>>;
  readonly boolean: readonly string[];
  readonly hiddenOptions: readonly string[];
}

/** Every command's module: a file of scripts/ that exports a builder. */
const modules = await Promise.all(
  readdirSync(SCRIPTS)
    .filter((file) => file.endsWith(".ts") && file !== "main.ts")
    .map(async (file) => (await import(SCRIPTS + file)) as CommandModule),
).then((all) => all.filter((module) => typeof module.builder === "function"));

const nameOf = ({ command }: CommandModule) => String(command).split(" ")[0] as string;
const optionsOf = ({ builder }: CommandModule) =>
  ((builder as (yargs: Argv) => unknown)(yargs([])) as { getOptions(): Options }).getOptions();

const cases = modules.flatMap((module) => {
  const { key, boolean, hiddenOptions } = optionsOf(module);
  return Object.keys(key)
    .filter((option) => !["help", "version", ...hiddenOptions].includes(option))
    .map((option) => ({ name: nameOf(module), option, module, flag: boolean.includes(option) }));
});

const refusal = (module: CommandModule, words: readonly string[], variables: Record<string, string>) => {
  const name = nameOf(module);
  try {
    requireNoneKept(name, module, [name, ...words], { npm_lifecycle_event: name, ...variables });
    return undefined;
  } catch (error) {
    expect(error).toBeInstanceOf(InputError);
    return (error as Error).message;
  }
};
const variable = (option: string) => `npm_config_${option.replaceAll("-", "_")}`;

test("the commands are found", () => {
  expect(cases.length).toBeGreaterThan(60);
  expect(cases.map(({ name, option }) => `${name} --${option}`)).toContain("train --seed");
});

test.each(cases)("$name --$option", ({ module, option, name, flag }) => {
  const asked = flag ? `--${option}` : `--${option} 7`;
  const kept = { [variable(option)]: flag ? "true" : "7" };
  expect(refusal(module, ["x"], kept)).toMatch(new RegExp(`^npm kept --${option} .* -- x ${asked}$`));
  expect(refusal(module, ["x", `--${option}=7`], kept)).toBeUndefined();
  // Half of "--seed 7": npm gives the seven away as a word of its own.
  if (!flag) expect(refusal(module, ["x", "7"], { [variable(option)]: "true" })).toMatch(/ -- … --.* …$/);
  // The command of another script, such as one that a test starts.
  expect(() =>
    requireNoneKept(name, module, [name], { ...kept, npm_lifecycle_event: "other" }),
  ).not.toThrow();
});

describe("the advice", () => {
  const [train] = modules.filter((module) => nameOf(module) === "train") as [CommandModule];

  test("has every option, each as often as it was given, and quotes what a shell would split", () => {
    const kept = { npm_config_set: "train.steps=5\n\ndata.path=my text", npm_config_tensorboard: "" };
    expect(refusal(train, ["models/rope.json", "--out", "a b"], kept)).toBe(
      "npm kept --set, --tensorboard for itself, and nothing was done; put all options after --: npm run -s train -- " +
        "models/rope.json --out 'a b' --set train.steps=5 --set 'data.path=my text' --no-tensorboard",
    );
  });

  test("names each option as a word of its own where npm gave its value away", () => {
    expect(
      refusal(train, ["7", "train.steps=5"], { npm_config_seed: "true", npm_config_set: "true" }),
    ).toMatch(/: npm run -s train -- … (--seed … --set …|--set … --seed …)$/);
  });
});

describe("through npm itself", () => {
  const npm = (...args: string[]) =>
    spawnSync("npm", ["run", "-s", "train", LEARNED, ...args], {
      encoding: "utf8",
      shell: process.platform === "win32",
    });

  test.each([
    [["--seed=7"], /^whereabouts train: npm kept --seed .*: npm run -s train -- .*learned\.json --seed 7\n$/],
    [["--seed", "7"], /^whereabouts train: npm kept --seed .*: npm run -s train -- … --seed …\n$/],
    [
      ["--engine", "cpu"],
      /^whereabouts train: cpu: more than .*; if npm kept an option .* after --: npm run -s train -- …\n$/,
    ],
  ])("%j is refused with exit code 2", (args, message) => {
    const { status, stdout, stderr } = npm(...args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(message);
  });
});
