/** What the report's numbers are held against: exact values that no training decides. */
import { z } from "zod";
import { whoConfig } from "../data/corpora/who.ts";
import { perfectLoss } from "../data/corpora/who-floor.ts";
import { tasks } from "../data/tasks/index.ts";
import { mean } from "../tensor/numbers.ts";
import type { LinePoint } from "./charts/lines.ts";
import type { DemoResult } from "./results.ts";

const model = z.object({
  layers: z.number(),
  context: z.number(),
  attention: z.enum(["causal", "bidirectional"]).default("causal"),
  window: z.unknown().optional(),
  temperature: z.unknown().optional(),
  position: z.unknown(),
});

const bare = z.union([z.object({ kind: z.literal("none") }), z.literal("none")]);
const noPositions = z.union([bare, z.array(bare), z.object({ pattern: z.array(bare) })]);

/**
 * A model without positions that no weights can tell order: of one causal layer, or bidirectional
 * (`test/model/facts.test.ts`).
 */
export function isOrderBlind({ config }: DemoResult): boolean {
  const parsed = z.object({ model }).safeParse(config);
  if (!parsed.success || !noPositions.safeParse(parsed.data.model.position).success) return false;
  const { attention, layers, window, temperature } = parsed.data.model;
  if (window !== undefined || temperature !== undefined) return false; // both may tell places apart
  return attention === "bidirectional" || layers === 1;
}

/** A model without positions that can still know order, by which keys its mask hides. */
export function knowsByMask(result: DemoResult): boolean {
  const parsed = z.object({ model }).safeParse(result.config);
  return parsed.success && noPositions.safeParse(parsed.data.model.position).success && !isOrderBlind(result);
}

/** The presets of which every result is a control that cannot know order. */
export function orderBlindOf(results: readonly DemoResult[]): Set<string> {
  const blind = new Set(results.filter(isOrderBlind).map(({ preset }) => preset));
  for (const result of results) if (!isOrderBlind(result)) blind.delete(result.preset);
  return blind;
}

/** The world that all results share, if it is "who". */
function worldOf(results: readonly DemoResult[]): z.output<typeof whoConfig> | undefined {
  const worlds = results.map(({ config }) => z.object({ data: whoConfig }).safeParse(config));
  const [first] = worlds;
  const same = new Set(worlds.map((one) => JSON.stringify(one.data?.data)));
  return first?.success && same.size === 1 ? first.data.data : undefined;
}

/** How often guesses about a story are right: any noun, and any noun of the story. */
export function guesses(results: readonly DemoResult[]): { y: number; label: string }[] {
  const world = worldOf(results);
  if (world === undefined) return [];
  const told = 2 * world.facts;
  return [
    { y: 1 / told, label: `guess (${told} nouns)` },
    { y: 1 / world.nouns, label: `guess (${world.nouns} nouns)` },
  ];
}

const masked = z.object({ train: z.object({ objective: z.literal("masked") }) });

/** Those whose loss is of the next token: a masked one's has another floor, which nobody knows. */
const causalOf = (results: readonly DemoResult[]) =>
  results.filter(({ config }) => !masked.safeParse(config).success);

/** The loss of a perfect model by the number of tokens read, 1 … length; undefined where it is not known. */
export function floorCurve(results: readonly DemoResult[], length: number): LinePoint[] | undefined {
  const world = worldOf(causalOf(results));
  return world && perfectLoss(world, length)?.map((y, i) => ({ x: i + 1, y }));
}

/** The mean of `floorCurve` over the positions after `from` up to `to`, counted from 1. */
export function floorBetween(results: readonly DemoResult[], from: number, to: number): number | undefined {
  const curve = floorCurve(results, to)?.slice(from);
  return curve && mean(curve.map(({ y }) => y));
}

const taskData = z.object({ data: z.object({ kind: z.literal("task"), task: z.string() }) });

const taskOf = ({ config }: DemoResult) => taskData.safeParse(config).data?.data.task;

/** Whether all were trained on tasks, and on no text. */
export const areTasks = (results: readonly DemoResult[]): boolean =>
  results.every((result) => taskOf(result) !== undefined);

/** Whether each answer of what all were trained on follows from its problem: of listed tasks it does. */
export function isDetermined(results: readonly DemoResult[]): boolean {
  const names = results.map(taskOf);
  return names.length > 0 && names.every((name) => tasks.some((task) => task.name === name));
}

/** The mean loss of a perfect model over a context, or over the answers of a task. */
export function floorLoss(results: readonly DemoResult[], context: number | undefined): number | undefined {
  if (isDetermined(results)) return 0;
  return context === undefined ? undefined : floorBetween(results, 0, context);
}
