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
    wrapped(`sizes ${sizesText(config.parse({}))}`, "  "),
    ...(large ? [wrapped(`of large models ${sizesText(large)}`, "  ")] : []),
  ].join("\n");
}

/** Each size with its default, as `--with PROBE.FIELD=VALUE` takes it. */
function sizesText(sizes: object): string {
  return Object.entries(sizes)
    .map(([field, value]) => `${field}=${JSON.stringify(value)}`)
    .join(", ");
}
