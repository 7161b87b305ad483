/**
 * Answers by question. What is on the screen says what it needs; one question at a time goes to the
 * worker, and of those that are waiting only what is still needed.
 *
 * An answer of the build stands until the worker has given its own.
 */
import { messageOf } from "../errors.ts";
import type { Answer, Asked, BuiltAnswers, Kind } from "./messages.ts";

/** What is known of a question. */
export interface Known<K extends Kind> {
  readonly answer?: Answer<K> | undefined;
  /** "built": computed when the page was made; "live": by the engine of this page. */
  readonly source?: "built" | "live" | undefined;
  /** Why there is no answer, in the words of the error. */
  readonly refusal?: string | undefined;
}

/** Takes a question to the worker. */
export type Send = <K extends Kind>(kind: K, asked: Asked<K>) => Promise<Answer<K>>;

export interface Answers {
  /** What is known now; asks for the rest. */
  read<K extends Kind>(kind: K, asked: Asked<K>): Known<K>;
  /** Begins what is on the screen anew: what is not read again is not asked. */
  forget(): void;
  /** Sends what was read and is not known, one after another. */
  settle(): void;
  /** Drops answers about a model that another takes the place of. */
  drop(of: string): void;
}

interface Wanted {
  readonly kind: Kind;
  readonly asked: Asked;
}

const keyOf = (kind: Kind, asked: Asked) => JSON.stringify([kind, asked]);

async function answered<K extends Kind>(kind: K, asked: Asked<K>, send: Send): Promise<Known<K>> {
  try {
    return { answer: await send(kind, asked), source: "live" };
  } catch (error) {
    return { refusal: messageOf(error) };
  }
}

/** @param onChange is told when an answer has come */
export function openAnswers(built: BuiltAnswers, send: Send, onChange: () => void): Answers {
  const known = new Map<string, Known<Kind>>(
    built.map(({ kind, asked, answer }) => [keyOf(kind, asked), { answer, source: "built" }]),
  );
  const wanted = new Map<string, Wanted>();
  let busy = false;
  let drops = 0;
  const next = async (): Promise<void> => {
    const [first] = wanted;
    if (busy || first === undefined) return;
    const [key, { kind, asked }] = first;
    wanted.delete(key);
    busy = true;
    const asking = drops;
    const found = await answered(kind, asked, send);
    if (asking === drops) known.set(key, found); // else it may be of a model that is gone
    busy = false;
    onChange();
    void next();
  };
  return {
    read<K extends Kind>(kind: K, asked: Asked<K>) {
      const key = keyOf(kind, asked);
      const found = known.get(key) ?? {};
      if (found.source !== "live" && found.refusal === undefined) wanted.set(key, { kind, asked });
      return found as Known<K>;
    },
    forget: () => wanted.clear(),
    settle: () => void next(),
    drop(of) {
      drops++;
      for (const key of [...known.keys()])
        if ((JSON.parse(key)[1] as { of?: string }).of === of) known.delete(key);
    },
  };
}
