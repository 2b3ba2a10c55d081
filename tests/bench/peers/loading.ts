import { gzipSync } from "bun";
import type { Page, Response } from "playwright-core";
import { countBytes, drawn, loadMs, nowIn } from "../app/page.ts";
import type { Subject } from "./subject.ts";

export interface Loading {
  coldMs: number;
  coldKib: number;
  coldRequests: number;
  /** Scripts that the first page has loaded, each compressed by gzip. */
  scriptsKib: number;
  openMs: number;
  /** Messages of the long session that had come when its last one was drawn. */
  openMessages: number;
}

/** The list without a cache, and from there the long session from the server. */
export async function measureLoading(subject: Subject): Promise<Loading> {
  await using context = await subject.device();
  const page = await context.newPage();
  const scripts = scriptsOf(page);
  const bytes = await countBytes(page);
  const messages = subject.countMessages(page);
  const coldMs = await loadMs(page, subject.listUrl, subject.row);
  await bytes.rest();
  const cold = bytes.total();
  const scriptsBytes = await gzipBytes(scripts);

  await subject.unfold?.(page);
  const startedMs = await nowIn(page);
  const before = messages();
  await subject.openLong(page);
  const openMs = (await drawn(page, subject.said, subject.longEnd)) - startedMs;
  await bytes.rest();
  return {
    coldMs,
    coldKib: cold.bytes / 1024,
    coldRequests: cold.requests,
    scriptsKib: scriptsBytes / 1024,
    openMs,
    openMessages: messages() - before,
  };
}

function scriptsOf(page: Page): Response[] {
  const scripts: Response[] = [];
  page.on("response", (response) => {
    if (response.request().resourceType() === "script" && response.ok()) scripts.push(response);
  });
  return scripts;
}

async function gzipBytes(responses: Response[]): Promise<number> {
  const bodies = await Promise.all(responses.map((response) => response.body()));
  return bodies.reduce((sum, body) => sum + gzipSync(new Uint8Array(body), { level: 9 }).byteLength, 0);
}
