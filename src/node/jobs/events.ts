/** What is heard of a job under way. */

/** Where a job's model is. */
export interface Taken {
  readonly directory: string;
  /** "skipped": it had been trained before; "taken": it was there. */
  readonly outcome: "finished" | "interrupted" | "skipped" | "taken";
}

type LossesBySplit = Readonly<Record<string, number>>;

/** What happens in a job under way; each goes through a channel between processes, so it is plain data. */
export type WorkEvent =
  | { readonly kind: "start"; readonly directory: string; readonly step: number }
  /** Mean losses in nats a token, and a character where the tokens are those of a text. */
  | {
      readonly kind: "validation";
      readonly step: number;
      readonly losses: LossesBySplit;
      readonly perCharacter?: LossesBySplit;
    }
  /** Something that a person should know: who is waited for, what is fetched. */
  | { readonly kind: "tell"; readonly text: string }
  /** How far work before the training is. */
  | {
      readonly kind: "work";
      readonly work: string;
      readonly total: number;
      readonly unit: "bytes" | "tokens";
      readonly done: number;
    }
  | ({ readonly kind: "trained" } & Taken)
  /** Comes before a probe is asked; `saved`: it was asked the same before, and is not again. */
  | {
      readonly kind: "probe";
      readonly probe: string;
      readonly question: string;
      readonly saved: boolean;
    };
