/**
 * The page: its parts are evaluated one after another, each in a task of its own, so that the browser
 * can draw and answer between them.
 */
import "./without-eval.ts"; // before any schema is made

const parts = [
  import("../figures/charts/plot.ts"),
  import("../encodings/index.ts"),
  import("./page/begin.ts"),
];
await parts[0];
await parts[1];
const { begin } = (await parts[2]) as typeof import("./page/begin.ts");
begin();
