/**
 * `<chart-figure>`: a figure that is drawn at the width that it has, one a turn of the event loop, so
 * that no screenful of them blocks the page; a button saves it as a file.
 */
import { standaloneSvg } from "../../figures/svg-file.ts";

/** What is drawn. */
export interface FigureContent {
  /** What it is drawn from: the same key is the same figure. */
  readonly key: string;
  /** Heads it, and names its file. */
  readonly title: string;
  /** Of the figure as a file, where the title alone would not do. */
  readonly file?: string;
  /** Whether the title stands above it; left out, it does. */
  readonly titled?: boolean;
  readonly caption?: string | undefined;
  /** The chart as an SVG element. */
  draw(width: number): Element;
}

const NARROWEST = 140;
const WIDEST = 860;
/** Widths differ by at least so many pixels before a figure is drawn anew; small ones need each of them. */
const stepOf = (width: number) => (width < 240 ? 2 : 20);

const queue = new Set<ChartFigure>();
let isDrawing = false;

function drawNext(): void {
  const [next] = queue;
  if (next === undefined) {
    isDrawing = false;
    return;
  }
  queue.delete(next);
  next.drawNow();
  setTimeout(drawNext);
}

function enqueue(figure: ChartFigure): void {
  queue.add(figure);
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(drawNext);
}

class ChartFigure extends HTMLElement {
  #content: FigureContent | undefined;
  #drawn = "";
  readonly #place = document.createElement("div");
  readonly #title = document.createElement("figcaption");
  readonly #save = document.createElement("button");
  readonly #sizes = new ResizeObserver(() => enqueue(this));

  connectedCallback(): void {
    if (this.firstChild === null) {
      this.#place.className = "chart";
      this.#save.className = "save";
      this.#save.type = "button";
      this.#save.innerHTML = '<span class="verb">Save </span>SVG'; // where there is little room, "SVG"
      this.#save.addEventListener("click", () => this.#saveFile());
      const figure = document.createElement("figure");
      figure.append(this.#title, this.#place, this.#save);
      this.append(figure);
    }
    this.#sizes.observe(this);
  }

  disconnectedCallback(): void {
    this.#sizes.disconnect();
    queue.delete(this);
  }

  /** Set by the chapter; undefined while there is nothing to draw yet. */
  set content(content: FigureContent | undefined) {
    this.#content = content;
    this.toggleAttribute("data-waiting", content === undefined);
    enqueue(this);
  }

  /** Draws what is asked for, if it is not there yet. */
  drawNow(): void {
    const content = this.#content;
    if (content === undefined || !this.isConnected || this.clientWidth === 0) return;
    const step = stepOf(this.clientWidth);
    const width = Math.max(NARROWEST, Math.min(WIDEST, Math.floor(this.clientWidth / step) * step));
    const key = `${content.key} ${width}`;
    if (key === this.#drawn) return;
    this.#drawn = key;
    this.#place.replaceChildren(content.draw(width));
    const { title, caption, titled = true } = content;
    const heading = document.createElement("strong");
    heading.textContent = title;
    this.#title.replaceChildren(...(titled ? [heading] : []), ...(caption ? [` ${caption}`] : []));
    this.#title.hidden = this.#title.childNodes.length === 0;
    this.toggleAttribute("data-drawn", true);
    this.#save.setAttribute("aria-label", `Save SVG: ${title}`);
  }

  #saveFile(): void {
    const svg = this.#place.querySelector("svg");
    if (svg === null || this.#content === undefined) return;
    const { file, title } = this.#content;
    const blob = new Blob([standaloneSvg(svg.outerHTML)], { type: "image/svg+xml" });
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = `${(file ?? title).toLowerCase().replaceAll(/[^a-z0-9]+/g, "-")}.svg`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  }
}

customElements.define("chart-figure", ChartFigure);

/** An SVG that a figure of the reports has drawn, as an element. */
export function svgElement(svg: string): Element {
  const template = document.createElement("template");
  template.innerHTML = svg;
  return template.content.firstElementChild as Element;
}
