/** Publishes the trained models of a study, each with its card, and the list of them. */
import { join } from "node:path";
import { InputError } from "../../../errors.ts";
import { count, fixed } from "../../../figures/format.ts";
import { writeFileDurably } from "../../files/durable.ts";
import { answered } from "../../jobs/study/local-runs.ts";
import {
  CARD_FILE,
  type ModelFacts,
  modelsFolder,
  type PublishedModel,
  publishedModels,
  readModel,
  writeModel,
} from "../../jobs/study/published-checkpoints.ts";
import type { Standing } from "../../jobs/study/run-study.ts";
import type { Study } from "../../jobs/study/study-file.ts";
import { markdownTable } from "../markdown.ts";
import { modelCard } from "./model-card.ts";

/** What became of the models of a study, by their names. */
export interface PublishedModels {
  readonly written: readonly string[];
  /** Published before, of the same run. */
  readonly kept: readonly string[];
  /** Their runs are not done here, and they are not published. */
  readonly missing: readonly string[];
}

/**
 * Writes the models whose runs this machine has, and keeps those that are published already.
 *
 * @param standings of all runs
 * @throws InputError where the study publishes no models, or a run or a published folder is damaged
 */
export async function publishCheckpoints(
  study: Study,
  standings: readonly Standing[],
): Promise<PublishedModels> {
  const folder = modelsFolder(study);
  if (folder === undefined)
    throw new InputError(
      `${study.folder}: its study.json names no checkpoints to publish; give "checkpoints"`,
    );
  const became = { written: [] as string[], kept: [] as string[], missing: [] as string[] };
  const listed: ModelFacts[] = [];
  for (const model of publishedModels(
    study,
    standings.map(({ run }) => run),
  )) {
    const standing = standings.find(({ run }) => run.hash === model.run.hash);
    const written = await writeDone(model, standing);
    const facts = written ?? (await readModel(model));
    became[written ? "written" : facts ? "kept" : "missing"].push(model.name);
    if (facts !== undefined) listed.push(facts);
  }
  if (listed.length > 0) await writeFileDurably(join(folder, CARD_FILE), modelsText(listed));
  return became;
}

/**
 * With the answers that the run has: it may lack one that the study asks since.
 *
 * @returns undefined where no finished run on this machine was asked, or its model is there already
 */
async function writeDone(model: PublishedModel, standing: Standing | undefined) {
  const { state, directory } = standing ?? {};
  if (standing === undefined || directory === undefined) return undefined;
  if (state !== "done" && state !== "trained") return undefined;
  const known = state === "done" ? 0 : ((await readModel(model))?.published.probes.length ?? 1);
  if (answered(directory, standing.run).length < known) return undefined;
  return writeModel(model, { ...standing, directory }, modelCard);
}

/** The list of models, as their folder's README.md. */
export function modelsText(models: readonly ModelFacts[]): string {
  const bytes = models.reduce((sum, { weights }) => sum + weights.bytes, 0);
  const rows = models.map((model) => {
    const { name, run, published, step, weights } = model;
    const loss = published.validation.find(([at]) => at === step)?.[1];
    return [
      `[${name}](${name}/README.md)`,
      run.sweep.title,
      count(published.parameters),
      count(step),
      loss === undefined ? "" : fixed(loss, 4),
      best(model, "swap_accuracy"),
      best(model, "exact_match_past"),
      count(weights.bytes),
    ];
  });
  const heads = ["model", "data", "parameters", "step", "validation loss", "swap accuracy"];
  return `# Published models

${models.length} small trained models, ${fixed(bytes / 1e6, 1)} MB: one of each encoding on stories, and of four on
other data. Each is the run of seed ${models[0]?.run.preset.seed ?? 1} of the study, at the saved step of lowest validation
loss, whatever it has learned: \`study/study.json\` says which. Every command reads them:

\`\`\`sh
npm run -s probe -- checkpoints/published/rope-who --page rope.html
npm run -s compare -- checkpoints/published/rope-who checkpoints/published/alibi-who
\`\`\`

${markdownTable([...heads, "exact match past L_max", "bytes"], rows)}

Losses are in nats, accuracies on held-out examples; of several policies past L_max stands the best.
Each folder has a card, and \`published.json\` with every row that its probes measured.
\`npm run -s study -- --publish-checkpoints\` writes all of it; licence MIT.
`;
}

/** The highest value of a metric on what was not trained on. */
function best({ published }: ModelFacts, metric: string): string {
  const values = published.measurements.flatMap((row) =>
    row.metric === metric && row.at.split !== "train" ? (row.value ?? []) : [],
  );
  return values.length === 0 ? "–" : fixed(Math.max(...values), 3);
}
