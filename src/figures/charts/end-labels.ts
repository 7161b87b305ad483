/**
 * Labels beside the ends of lines, moved apart where they would touch, each tied to its line by a
 * leader in the line's own colour and dash. Plot has no mark for this: its dodge is for circles.
 */
import type { RenderFunction } from "@observablehq/plot";

export interface EndLabel {
  /** Lines of text. */
  readonly lines: readonly string[];
  /** The end of the curve, in data. */
  readonly x: number;
  readonly y: number;
  readonly color: string;
  readonly dash: string | undefined;
}

/** Pixels from the right edge of the plot to the text. */
export const LEADER = 26;
const LINE_HEIGHT = 15;
const SVG = "http://www.w3.org/2000/svg";

/** A mark that draws the labels. */
export function endLabels(labels: readonly EndLabel[]): RenderFunction {
  return (_index, scales, _values, dimensions, context) => {
    const element = (name: string, attributes: Record<string, string | number>) => {
      const made = context.document.createElementNS(SVG, name) as SVGElement;
      for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
      return made;
    };
    const group = element("g", { class: "labels", "font-weight": 600, "text-anchor": "start" });
    const right = dimensions.width - dimensions.marginRight;
    const ends = labels.map((one) => ({ x: scales.x?.(one.x) as number, y: scales.y?.(one.y) as number }));
    const tallest = Math.max(1, ...labels.map((one) => one.lines.length));
    const places = spread(
      ends.map((end) => end.y),
      LINE_HEIGHT * tallest + (tallest > 1 ? 4 : 0), // so that names of two lines stay apart
      dimensions.marginTop - LINE_HEIGHT,
      dimensions.height - dimensions.marginBottom,
    );
    labels.forEach(({ lines, color, dash }, i) => {
      const [end, y] = [ends[i] as { x: number; y: number }, Math.round(places[i] as number)];
      const d = `M${Math.round(end.x)},${end.y.toFixed(1)}H${right + 4}L${right + LEADER - 8},${y}H${right + LEADER - 4}`;
      const stroke = { stroke: color, "stroke-width": 1.25, fill: "none", "stroke-opacity": 0.8 };
      group.append(
        element("path", { d, ...stroke, ...(dash === undefined ? {} : { "stroke-dasharray": dash }) }),
      );
      const first = y - ((lines.length - 1) * LINE_HEIGHT) / 2 + 4; // 4: from a line's middle to its baseline
      lines.forEach((line, k) => {
        const text = element("text", { x: right + LEADER, y: first + k * LINE_HEIGHT, fill: color });
        text.textContent = line;
        group.append(text);
      });
    });
    return group;
  };
}

/**
 * Moves values apart so that neighbours, in their order, differ by `gap` or more, and as little as
 * that takes. Values stay within [low, high] if they all fit there.
 */
export function spread(values: readonly number[], gap: number, low: number, high: number): number[] {
  const order = values.map((_, i) => i).sort((a, b) => (values[a] as number) - (values[b] as number));
  // Blocks of touching labels, each at the mean of where its members want to be (isotonic
  // regression by pooling).
  const blocks: { sum: number; members: number[] }[] = [];
  const start = (block: { sum: number; members: number[] }) => {
    const span = (block.members.length - 1) * gap;
    const wanted = block.sum / block.members.length - span / 2;
    return Math.max(low, Math.min(high - span, wanted));
  };
  for (const i of order) {
    let block = { sum: values[i] as number, members: [i] };
    for (let last = blocks.at(-1); last; last = blocks.at(-1)) {
      if (start(last) + last.members.length * gap <= start(block)) break;
      blocks.pop();
      block = { sum: last.sum + block.sum, members: [...last.members, ...block.members] };
    }
    blocks.push(block);
  }
  const moved = [...values];
  for (const block of blocks) {
    block.members.forEach((member, k) => {
      moved[member] = start(block) + k * gap;
    });
  }
  return moved;
}
