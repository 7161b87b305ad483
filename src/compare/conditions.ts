/** What runs are called where they are compared: by what was varied, never by their seed. */

/** A run's resolved config: plain JSON data, with `name`, `seed` and `data`. */
export interface NamedConfig {
  readonly name: string;
  readonly data?: object | undefined;
  readonly [field: string]: unknown;
}

/** Fields that vary without making another condition. */
const NOT_VARIED: ReadonlySet<string> = new Set(["name", "seed", "engine", "threads"]);

/**
 * A name for each config: the preset's, and, where presets of one name differ, the fields in which
 * they do: `rope, steps=500`. Data is left out: other data is another question, not another
 * condition.
 *
 * @example
 * const preset = (steps: number, seed: number) => ({ name: "rope", seed, train: { steps } });
 * assert.deepEqual(conditionNames([preset(5, 1), preset(5, 2), preset(9, 1)]), ["rope, steps=5", "rope, steps=5", "rope, steps=9"]);
 */
export function conditionNames(configs: readonly NamedConfig[]): string[] {
  const flat = configs.map((config) => flatten({ ...config, data: undefined }));
  return configs.map(({ name }, i) => nameIn(name, flat[i] as Fields, sameName(configs, flat, name)));
}

/**
 * A name for each config's data, by its kind, task or corpus, and what else differs; "" where all
 * data is one, and of a model of which nobody knows it.
 *
 * @example
 * const on = (task: string) => ({ name: "rope", data: { kind: "task", task } });
 * assert.deepEqual(dataNames([on("copy"), on("sort")]), ["copy", "sort"]);
 */
export function dataNames(configs: readonly NamedConfig[]): string[] {
  const all = configs.map(({ data = {} }) => ({ data, fields: flatten(data) }));
  const texts = new Set(all.flatMap(({ fields }) => (fields.size > 0 ? JSON.stringify([...fields]) : [])));
  if (texts.size < 2) return configs.map(() => "");
  const titles = all.map(({ data }) => {
    const { kind, task, corpus, path } = data as Readonly<Record<string, unknown>>;
    return String(task ?? corpus ?? path ?? kind ?? "");
  });
  return all.map(({ fields }, i) => {
    const title = titles[i] as string;
    const alike = all.filter((_, k) => titles[k] === title).map((one) => one.fields);
    return nameIn(title, fields, alike);
  });
}

type Fields = ReadonlyMap<string, string>;

const sameName = (configs: readonly NamedConfig[], flat: readonly Fields[], name: string) =>
  flat.filter((_, i) => configs[i]?.name === name);

/** The name, and the fields whose values differ among those that share it. */
function nameIn(name: string, fields: Fields, alike: readonly Fields[]): string {
  const paths = [...new Set(alike.flatMap((one) => [...one.keys()]))];
  const varied = paths.filter((path) => new Set(alike.map((one) => one.get(path))).size > 1);
  return [name, ...varied.map((path) => `${path.split(".").at(-1)}=${fields.get(path) ?? "unset"}`)].join(
    ", ",
  );
}

function flatten(value: object, path = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, field] of Object.entries(value)) {
    if (field === undefined || (path === "" && NOT_VARIED.has(key))) continue;
    const here = path === "" ? key : `${path}.${key}`;
    if (typeof field === "object" && field !== null && !Array.isArray(field))
      for (const [name, text] of flatten(field, here)) found.set(name, text);
    else found.set(here, JSON.stringify(field));
  }
  return found;
}
