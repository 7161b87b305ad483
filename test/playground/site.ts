/** The built page on a plain static host, under a sub-path, and a browser that opens it. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

export interface Site {
  /** Ends with a slash. */
  readonly address: string;
  close(): Promise<void>;
}

/** Serves a folder under /some/where/, with no header but the type. */
export async function serve(folder: string): Promise<Site> {
  const under = "/some/where/";
  const server: Server = createServer(async ({ url = "" }, response) => {
    const path = decodeURIComponent(url.replace(/[?#].*/s, ""));
    const name = normalize(path.slice(under.length)) || "index.html";
    try {
      if (!path.startsWith(under)) throw new Error("outside");
      const bytes = await readFile(join(folder, name === "." ? "index.html" : name));
      response
        .writeHead(200, {
          "content-type": TYPES[extname(name)] ?? "text/html",
          "content-length": bytes.length,
        })
        .end(bytes);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    address: `http://127.0.0.1:${port}${under}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

const PLACES = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

/** Where a Chromium is installed; undefined where none is. */
export const chromium = (): string | undefined =>
  [process.env.WHEREABOUTS_CHROMIUM ?? "", ...PLACES].find((path) => path !== "" && existsSync(path));
