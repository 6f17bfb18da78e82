import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize, sep } from "node:path";
import { timingSafeEqual, createHash } from "node:crypto";
import { MOST_BODY_BYTES } from "./limits.ts";

/** Small pieces of HTTP: bodies, JSON answers, the guard of the control routes, files of the page. */

/** @returns the body, or null when it is larger than 4 MB. */
export async function readBody(request: IncomingMessage): Promise<Buffer | null> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of request) {
    if (!Buffer.isBuffer(part)) continue;
    size += part.length;
    if (size > MOST_BODY_BYTES) return null;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" });
  response.end(JSON.stringify(body));
}

/**
 * May this request use the control routes? A web page of somebody else can reach a port of this machine, also by a host name
 * that points to 127.0.0.1: so the host must be loopback by name, the origin ours, and the token known.
 */
export function mayControl(request: IncomingMessage, url: URL, options: { origin: string; token: string }): boolean {
  const port = new URL(options.origin).port;
  const hosts = ["127.0.0.1", "localhost", "[::1]"].map((host) => `${host}:${port}`);
  if (!hosts.includes(request.headers.host ?? "")) return false;
  const origin = request.headers.origin;
  if (origin !== undefined && !hosts.some((host) => origin === `http://${host}`)) return false;
  const header = request.headers["x-control-token"];
  const given = typeof header === "string" ? header : (url.searchParams.get("token") ?? "");
  return timingSafeEqual(digest(given), digest(options.token));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".woff2": "font/woff2",
};

/** Serves one file of the page's folder; nothing outside of it. */
export async function sendFile(response: ServerResponse, folder: string, path: string): Promise<void> {
  const wanted = normalize(join(folder, path === "/" ? "index.html" : decoded(path)));
  const inside = wanted.startsWith(normalize(folder + sep));
  const found = inside ? await stat(wanted).catch(() => null) : null;
  if (!found?.isFile()) return sendJson(response, 404, { error: `there is no page ${path}` });
  response.writeHead(200, {
    "content-type": types[extname(wanted)] ?? "application/octet-stream",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  });
  createReadStream(wanted).pipe(response);
}

/** A path that cannot be decoded names no file. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path).replaceAll("\0", "");
  } catch {
    return path;
  }
}
