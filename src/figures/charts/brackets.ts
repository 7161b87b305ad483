/** Brackets right of rows that belong together, a lane each. Plot has no mark for them. */
import type { RenderFunction } from "@observablehq/plot";

/** Pixels of a lane. */
export const BRACKET = 11;
/** Pixels by which a bracket reaches past its first and last row, and of its ends. */
const [REACH, END] = [10, 5];
const SVG = "http://www.w3.org/2000/svg";

/** Brackets in as few lanes as hold them side by side. */
export function lanesOf(groups: readonly (readonly string[])[], order: readonly string[]): string[][][] {
  const place = (name: string | undefined) => order.indexOf(name ?? "");
  const lanes: string[][][] = [];
  for (const group of groups) {
    const sorted = [...group].sort((a, b) => place(a) - place(b));
    const free = lanes.find((lane) => place(lane.at(-1)?.at(-1)) < place(sorted[0]));
    if (free) free.push(sorted);
    else lanes.push([sorted]);
  }
  return lanes;
}

/**
 * A mark that draws them at the outer edge of the right margin.
 *
 * @param lanes of groups of neighbours on the chart's ordinal y, from the inner to the outer
 */
export function brackets(lanes: readonly (readonly (readonly string[])[])[]): RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const group = context.document.createElementNS(SVG, "g") as SVGGElement;
    for (const [name, value] of Object.entries({ class: "brackets", fill: "none", stroke: "currentColor" }))
      group.setAttribute(name, value);
    lanes.forEach((groups, lane) => {
      const x = dimensions.width - 6 - (lanes.length - 1 - lane) * BRACKET;
      for (const names of groups) {
        const places = names.map((name) => scales.y?.(name) as number);
        const [top, bottom] = [Math.min(...places) - REACH, Math.max(...places) + REACH];
        const path = context.document.createElementNS(SVG, "path");
        path.setAttribute("d", `M${x - END},${top}H${x}V${bottom}H${x - END}`);
        path.setAttribute("stroke-width", "1.5");
        group.append(path);
      }
    });
    return group;
  };
}
