/** The report's style sheet, inlined in the page: no file, font or image is fetched. */
import { paletteCss } from "../../figures/palette.ts";

const LIGHT =
  "--paper: #ffffff; --text: #1c1e21; --soft: #575c63; --line: #d9dce0; --wash: #f5f6f7; --link: #1550b0;";
const DARK =
  "--paper: #15181c; --text: #e4e7eb; --soft: #a4abb4; --line: #363c44; --wash: #1d2126; --link: #8ab8ff;";

export const STYLE = `
:root { color-scheme: light; ${LIGHT} ${paletteCss("light")} }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; ${DARK} ${paletteCss("dark")} } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--paper); color: var(--text);
  font: 1.0625rem/1.6 Charter, "Bitstream Charter", "Sitka Text", Cambria, Georgia, serif;
}
.skip { position: absolute; left: -99rem; background: var(--paper); color: var(--link); padding: 0.5rem 1rem; }
.skip:focus { left: 0.5rem; top: 0.5rem; }
header, main, footer { max-width: 52rem; margin: 0 auto; padding: 0 1.25rem; }
header { padding-top: 3.5rem; }
h1, h2, h3, nav, table, figure, .caption, .save, .provenance, footer, details {
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 2.25rem; line-height: 1.15; letter-spacing: -0.02em; margin: 0 0 0.75rem; text-wrap: balance; }
h2 { font-size: 1.4rem; line-height: 1.25; letter-spacing: -0.01em; margin: 3.5rem 0 0.5rem; text-wrap: balance; }
.subtitle { font-size: 1.2rem; line-height: 1.5; color: var(--soft); margin: 0 0 1.5rem; text-wrap: pretty; }
sub { font-size: 0.72em; line-height: 0; }
p, li, dd, figcaption { max-width: 43rem; }
p { margin: 0.6rem 0; text-wrap: pretty; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; }
.provenance { display: flex; flex-wrap: wrap; gap: 0.6rem 2rem; margin: 0; padding: 0.9rem 0;
  border: solid var(--line); border-width: 1px 0; font-size: 0.85rem; line-height: 1.4; }
.provenance div { max-width: 100%; }
.provenance dt { color: var(--soft); }
.provenance dd { margin: 0; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; }
nav { font-size: 0.9rem; margin: 1.25rem 0 0; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; margin: 0; padding: 0; list-style: none; }
.answer { background: var(--wash); border-radius: 0.5rem; padding: 1.1rem 1.4rem; margin: 2rem 0; }
.answer h2 { margin: 0 0 0.4rem; font-size: 1.1rem; }
.answer ul { margin: 0; padding-left: 1.1rem; }
.answer li { margin: 0.35rem 0; }
.scroll { overflow-x: auto; margin: 1.5rem 0; /* a shade at an edge behind which there is more */
  background: linear-gradient(90deg, var(--paper) 30%, transparent) 0 0 / 2.5rem 100% no-repeat local,
    linear-gradient(270deg, var(--paper) 30%, transparent) 100% 0 / 2.5rem 100% no-repeat local,
    linear-gradient(90deg, color-mix(in srgb, var(--soft) 40%, transparent), transparent) 0 0 / 0.7rem 100% no-repeat scroll,
    linear-gradient(270deg, color-mix(in srgb, var(--soft) 40%, transparent), transparent) 100% 0 / 0.7rem 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; font-size: 0.8125rem; line-height: 1.4; }
caption { text-align: left; color: var(--soft); padding-bottom: 0.6rem; }
caption span { display: block; position: sticky; left: 0; max-width: min(43rem, calc(100vw - 2.5rem)); }
th, td { padding: 0.45rem 0.75rem 0.45rem 0; text-align: left; vertical-align: baseline; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-weight: 600; color: var(--soft); vertical-align: bottom; border-bottom: 1.5px solid var(--text); }
tbody th { font-weight: 600; white-space: nowrap; }
tbody tr + tr > * { border-top: 1px solid var(--line); }
.number { text-align: right; font-variant-numeric: tabular-nums; }
td.number { white-space: nowrap; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem; }
.figures.small { grid-template-columns: repeat(auto-fit, minmax(min(100%, 15rem), 1fr)); gap: 0 1.5rem; }
.figures.one { grid-template-columns: minmax(0, 1fr); }
figure { margin: 1.5rem 0 0; }
figure svg { --plot-background: var(--paper); display: block; max-width: 100%; height: auto; }
figure .narrow { display: none; }
.figure-title { font-size: 0.9rem; font-weight: 600; margin: 0 0 0.5rem; }
figcaption, .caption { font-size: 0.875rem; line-height: 1.5; color: var(--soft); margin-top: 0.6rem; }
.save { display: inline-block; margin-top: 0.4rem; font-size: 0.8rem; color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.85em; }
code { overflow-wrap: anywhere; }
pre { background: var(--wash); border-radius: 0.4rem; padding: 0.9rem 1.1rem; margin: 0.75rem 0;
  line-height: 1.5; white-space: pre-wrap; overflow-wrap: anywhere; }
details { border-top: 1px solid var(--line); font-size: 0.9rem; }
details:last-of-type { border-bottom: 1px solid var(--line); }
summary { cursor: pointer; padding: 0.5rem 0; }
.terms dt { font-weight: 600; margin-top: 0.9rem; }
.terms dd { margin: 0; }
.commands dd { margin: 0 0 0.75rem; color: var(--soft); }
footer { margin-top: 4rem; padding-bottom: 3rem; font-size: 0.85rem; color: var(--soft); }
@media (max-width: 36rem) {
  body { font-size: 1rem; }
  header { padding-top: 2rem; }
  h1 { font-size: 1.75rem; }
  h2 { margin-top: 2.75rem; }
  .answer { padding: 0.9rem 1rem; }
  figure .has-narrow { display: none; }
  figure .narrow { display: block; }
}
@media screen and (max-width: 36rem) { /* a row of a table is a card: nothing is scrolled out of sight */
  table, caption, tbody, tr, th, td { display: block; width: auto; }
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  tbody tr { display: grid; grid-template-columns: 1fr 1fr; gap: 0.15rem 1.25rem; padding: 0.7rem 0; }
  tbody tr > * { padding: 0; }
  tbody tr + tr { border-top: 1px solid var(--line); }
  tbody tr + tr > * { border-top: 0; }
  tbody th, tbody td.wide { grid-column: 1 / -1; }
  tbody th { white-space: normal; overflow-wrap: anywhere; }
  tbody th.number { text-align: left; }
  tbody th.number::before { content: attr(data-label) " "; color: var(--soft); }
  tbody td { display: flex; justify-content: space-between; gap: 0.5rem; font-size: 0.8rem; }
  tbody td::before { flex: 1 1 0; min-width: 38%; content: attr(data-label); color: var(--soft); text-align: left; white-space: normal; }
  td.number { white-space: normal; overflow-wrap: anywhere; }
}
@media print {
  :root { color-scheme: light; ${LIGHT} ${paletteCss("light")} }
  @page { margin: 18mm; }
  html { font-size: 10pt; }
  body { font-size: 1rem; print-color-adjust: exact; }
  header, main, footer { max-width: none; padding: 0; }
  nav, .skip, .save, #runs { display: none; } /* of what is folded, paper would show the summaries alone */
  p, li { break-inside: avoid; }
  figure .has-narrow { display: block; }
  figure .narrow { display: none; }
  h2 { margin-top: 1.5rem; }
  h2, section > p:not(.caption) { break-after: avoid; }
  figure, .answer, tr, pre, .terms div { break-inside: avoid; }
  .answer { border: 1px solid var(--line); }
  .scroll { overflow: visible; background: none; }
  details:not(.long)::details-content { content-visibility: visible; height: auto; }
}
`;
