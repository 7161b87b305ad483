/** Losses as a log has them. */
import type { AnyData } from "../../data/index.ts";
import type { TrainConfig } from "../../train/config.ts";

/** Mean loss by split, in nats. */
export type Losses = Readonly<Record<string, number>>;

/**
 * Nats a character, what models with different tokenizers can be compared by: nats a token, and
 * what spelling `<unk>` adds, over characters a token. Where only masked tokens are predicted, and
 * never `<unk>`, there is no such number.
 */
export function lossesPerCharacter(
  data: AnyData,
  { objective }: TrainConfig,
  losses: Losses,
): Losses | undefined {
  const { charactersPerToken, unknownNatsPerToken, splits, tokenizer } = data;
  if (charactersPerToken === undefined) return undefined;
  if (objective === "masked" && tokenizer.unk !== undefined) return undefined;
  const each = (split: string, loss: number) => {
    const of = split === "train" ? "train" : (splits[0] ?? "heldout");
    return (loss + (unknownNatsPerToken?.[of] ?? 0)) / charactersPerToken[of];
  };
  return Object.fromEntries(Object.entries(losses).map(([split, loss]) => [split, each(split, loss)]));
}
