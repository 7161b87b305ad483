/**
 * The report as one HTML file: it fetches nothing, works offline, follows the reader's light or
 * dark, and prints.
 *
 * All text is escaped here. `svg` and `html` are markup and go in as they are: they come from the
 * charts and `htmlTable`.
 */

import type { ReportFigure, ReportSection } from "../../figures/figure.ts";
import { duration, listed } from "../../figures/format.ts";
import { escapeHtml, proseHtml } from "../../figures/html.ts";
import { svgAddress } from "../../figures/svg-file.ts";
import { htmlTable, type ReportTable } from "../../figures/table.ts";
import type { NamedFigure } from "./figure-files.ts";
import { COMMANDS, GLOSSARY } from "./glossary.ts";
import { STYLE } from "./style.ts";

/** Where a page comes from. */
export interface Provenance {
  readonly commit: string;
  readonly engine: string;
  readonly seeds: readonly number[];
  readonly seconds: number;
  readonly versions: Readonly<Record<string, string>>;
  /** As it should be read, such as "2025-03-01". */
  readonly date: string;
  /** What else a reader should know, by its name: it stands first. */
  readonly facts?: Readonly<Record<string, string>>;
}

export interface ReportPage {
  readonly title: string;
  readonly subtitle: string;
  readonly provenance: Provenance;
  /** The findings in short, each a sentence. */
  readonly answer?: readonly string[];
  readonly table?: ReportTable | undefined;
  readonly sections: readonly ReportSection[];
  /** By default those of the main job. */
  readonly glossary?: readonly (readonly [term: string, meaning: string])[];
  readonly commands?: readonly (readonly [command: string, does: string])[];
  /** What wrote it, by which it is known again. */
  readonly generator?: string;
  /** The folder beside the page where its figures are saved; left out, the page itself holds the files. */
  readonly figures?: string;
}

// Nothing but the inline style may load: a fault in escaping could not fetch or run anything either.
const POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The whole page, ready to be written to a file. */
export function reportPage(page: ReportPage): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
${generatorOf(page.generator ?? "whereabouts")}
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<title>${escapeHtml(page.title)}</title>
<style>${STYLE}</style>
</head>
<body>
<a class="skip" href="#content">Skip to the findings</a>
<header>
<h1>${escapeHtml(page.title)}</h1>
<p class="subtitle">${proseHtml(page.subtitle)}</p>
${provenanceHtml(page.provenance)}
${contentsHtml(page.sections)}
</header>
<main id="content" tabindex="-1">
${answerHtml(page.answer ?? [])}
${page.table ? tableHtml(page.table) : ""}
${page.sections.map((section) => sectionHtml(section, page.figures)).join("\n")}
${glossaryHtml(page.glossary ?? GLOSSARY)}
${reproduceHtml(page.provenance, page.commands ?? COMMANDS)}
</main>
<footer><p>Written by whereabouts. Every number and sentence above is computed from what this page is of.</p></footer>
</body>
</html>
`;
}

/** The line by which a page is known again. */
export const generatorOf = (name: string) => `<meta name="generator" content="${escapeHtml(name)}">`;

function provenanceHtml(provenance: Provenance): string {
  const { commit, engine, seeds, seconds, versions, date, facts = {} } = provenance;
  const rows = [
    ...Object.entries(facts),
    ["date", date],
    ["commit", commit],
    ["engine", engine],
    [seeds.length === 1 ? "seed" : "seeds", seeds.join(", ")],
    ["time", duration(seconds)],
    ...Object.entries(versions).filter(([key]) => key !== "engine"), // named above
  ].filter(([, value]) => value);
  const items = rows.map(
    ([key, value]) => `<div><dt>${escapeHtml(`${key}`)}</dt><dd>${escapeHtml(`${value}`)}</dd></div>`,
  );
  return `<dl class="provenance">${items.join("")}</dl>`;
}

function contentsHtml(sections: readonly ReportSection[]): string {
  const links = sections.map((one) => `<li><a href="#${anchor(one.id)}">${proseHtml(one.heading)}</a></li>`);
  links.push(
    '<li><a href="#glossary">Glossary</a></li>',
    '<li><a href="#reproduce">How to reproduce</a></li>',
  );
  return `<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>`;
}

function answerHtml(sentences: readonly string[]): string {
  if (sentences.length === 0) return "";
  const items = sentences.map((sentence) => `<li>${proseHtml(sentence)}</li>`);
  return `<section class="answer" aria-labelledby="answer"><h2 id="answer">In short</h2><ul>${items.join("")}</ul></section>`;
}

/** The figures of a page, and what their files are called. */
export function figuresOf({ sections }: Pick<ReportPage, "sections">): NamedFigure[] {
  return sections.flatMap((section) =>
    (section.figures ?? []).map((one) => ({ name: fileName(section, one), svg: one.svg })),
  );
}

const fileName = ({ id, figures = [] }: ReportSection, one: ReportFigure): string =>
  figures.length === 1 ? anchor(id) : `${anchor(id)}-${figures.indexOf(one) + 1}`;

function sectionHtml(section: ReportSection, folder: string | undefined): string {
  const { figures = [], table, html, caption } = section;
  const grids = [figures.filter(({ small }) => !small), figures.filter(({ small }) => small)];
  return [
    `<section id="${anchor(section.id)}">`,
    `<h2>${proseHtml(section.heading)}</h2>`,
    section.lead && `<p>${proseHtml(section.lead)}</p>`,
    ...grids
      .filter((some) => some.length > 0)
      .map((some) => {
        const grid = some[0]?.small ? "figures small" : some[0]?.narrowSvg ? "figures one" : "figures";
        return `<div class="${grid}">${some.map((one) => figureHtml(one, fileName(section, one), folder)).join("\n")}</div>`;
      }),
    table && tableHtml(table),
    html,
    caption && `<p class="caption">${proseHtml(caption)}</p>`,
    "</section>",
  ]
    .filter(Boolean)
    .join("\n");
}

/** @param file the name under which the figure is saved, without its extension */
function figureHtml(
  { svg, narrowSvg, title, caption }: ReportFigure,
  file: string,
  folder: string | undefined,
): string {
  return [
    "<figure>",
    title && `<p class="figure-title">${proseHtml(title)}</p>`,
    narrowSvg ? `<div class="has-narrow">${svg}</div><div class="narrow">${narrowSvg}</div>` : svg,
    folder === undefined
      ? `<a class="save" download="${file}.svg" href="${svgAddress(svg)}">save as SVG</a>`
      : `<p class="save">${["svg", "png"].map((kind) => fileLink(`${folder}/${file}.${kind}`, kind.toUpperCase())).join(" ")}</p>`,
    caption && `<figcaption>${proseHtml(caption)}</figcaption>`,
    "</figure>",
  ]
    .filter(Boolean)
    .join("\n");
}

/** A link to a file beside the page. */
export const fileLink = (path: string, text: string) =>
  `<a href="${escapeHtml(path.split("/").map(encodeURIComponent).join("/"))}">${escapeHtml(text)}</a>`;

/** A region that scrolls by keyboard too, where a table is wider than its column. */
export function tableHtml({ columns, rows, caption }: ReportTable): string {
  const label = escapeHtml(caption);
  return `<div class="scroll" role="region" tabindex="0" aria-label="${label}">${htmlTable(columns, rows, caption)}</div>`;
}

function glossaryHtml(glossary: NonNullable<ReportPage["glossary"]>): string {
  const items = glossary.map(
    ([term, meaning]) => `<div><dt>${proseHtml(term)}</dt><dd>${proseHtml(meaning)}</dd></div>`,
  );
  return `<section id="glossary"><h2>Glossary</h2><dl class="terms">${items.join("\n")}</dl></section>`;
}

function reproduceHtml({ commit, seeds }: Provenance, commands: NonNullable<ReportPage["commands"]>): string {
  const items = commands.map(
    ([command, does]) => `<div><dt><pre>${escapeHtml(command)}</pre></dt><dd>${escapeHtml(does)}</dd></div>`,
  );
  const lead = `This page is of commit ${commit}, ${seeds.length === 1 ? "seed" : "seeds"} ${listed(seeds.map(String))}.`;
  return `<section id="reproduce"><h2>How to reproduce</h2><p>${proseHtml(lead)}</p><dl class="commands">${items.join("\n")}</dl></section>`;
}

function anchor(id: string): string {
  return id.replaceAll(/[^A-Za-z0-9-]/g, "-");
}
