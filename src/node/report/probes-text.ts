/** The probes as a person reads them in the help of `probe`. */
import { type Metric, needsText, type Probe } from "../../probes/probe.ts";
import { wrapped } from "./wrap.ts";

/**
 * A probe a paragraph: its question, what it needs, its metrics with their units, its sizes with
 * their defaults.
 */
export function probesText(probes: readonly Probe[]): string {
  return probes.map(probeText).join("\n\n");
}

function probeText(probe: Probe): string {
  const { name, question, metrics, config, large } = probe;
  const measured = Object.entries<Metric>(metrics).map(
    ([metric, { unit, better }]) =>
      `${metric} (${unit}${better === "neither" ? "" : `, ${better} is better`})`,
  );
  return [
    wrapped(`${name}: ${question}`),
    wrapped(`needs ${needsText(probe)}`, "  "),
    wrapped(`measures ${measured.join(", ")}`, "  "),
    wrapped(`sizes ${sizesText(defaultsOf(config))}`, "  "),
    ...(large ? [wrapped(`of large models ${sizesText(large)}`, "  ")] : []),
  ].join("\n");
}

/** One without a default is asked only where it is given. */
function defaultsOf(config: Probe["config"]): object {
  const defaults: Readonly<Record<string, unknown>> = config.parse({});
  return Object.fromEntries(Object.keys(config.shape).map((field) => [field, defaults[field]]));
}

/** Each size with its default, as `--with PROBE.FIELD=VALUE` takes it. */
function sizesText(sizes: object): string {
  return Object.entries(sizes)
    .map(([field, value]) => `${field}=${value === undefined ? "(none)" : JSON.stringify(value)}`)
    .join(", ");
}
