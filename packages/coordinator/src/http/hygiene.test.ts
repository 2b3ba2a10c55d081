import { describe, expect, test } from "bun:test";
import { Problem } from "@farhand/protocol";
import { appOver } from "../../test/app-over.ts";
import { OWNER, openStores } from "../../test/stores.ts";
import type { Front } from "./app.ts";
import { createOriginPolicy } from "./origin.ts";
import type { Caller } from "./peer.ts";

const LISTED = "https://app.example.com";

async function openFront(front: Front = {}) {
  const stores = await openStores();
  const app = appOver(stores, front);
  const ask = (path: string, init: RequestInit = {}, caller: Partial<Caller> = {}) =>
    app.request(`/api${path}`, init, caller);
  return { ...stores, ask, app };
}
const bearer = { authorization: `Bearer ${OWNER.token}` };

describe("every answer", () => {
  test("forbids a browser to run, load or frame anything of it", async () => {
    const { ask, app } = await openFront();
    for (const answer of [
      await ask("/health/live"),
      await ask("/tasks"),
      await ask("/tasks", { headers: bearer }),
      await ask("/nowhere"),
      await app.request("/nowhere"),
    ]) {
      expect(answer.headers.get("content-security-policy")).toStartWith(
        "default-src 'none'; base-uri 'none'",
      );
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      expect(answer.headers.get("x-frame-options")).toBe("DENY");
      expect(answer.headers.get("referrer-policy")).toBe("no-referrer");
      expect(answer.headers.get("cache-control")).toBe("no-store");
    }
  });

  test("asks for TLS for a year where it came over TLS, and only there", async () => {
    const { ask } = await openFront();
    const hsts = async (isTls: boolean) =>
      (await ask("/health/live", {}, { isTls })).headers.get("strict-transport-security");
    expect([await hsts(true), await hsts(false)]).toEqual(["max-age=31536000", null]);
  });

  test("that is a page runs only what this server has in files, and nothing inline", async () => {
    const { ask } = await openFront();
    const page = await ask("/docs");
    const policy = page.headers.get("content-security-policy") ?? "";
    expect(policy).toContain("script-src 'self'");
    expect(policy).not.toMatch(/unsafe|\*|https?:/);
    const html = await page.text();
    expect(html).not.toMatch(/<script(?![^>]*\bsrc=)|<style|\bon\w+=|\bstyle=|javascript:/i);
    for (const [, path] of html.matchAll(/(?:src|href)="\/api([^"]+)"/g))
      expect([path, (await ask(path ?? "")).status]).toEqual([path, 200]);
  });
});

describe("CORS", () => {
  const front = { origins: createOriginPolicy({ listed: [LISTED], publicUrl: null }) };
  const preflight = (origin: string) => ({
    method: "OPTIONS",
    headers: {
      origin,
      "access-control-request-method": "POST",
      "access-control-request-headers": "authorization",
    },
  });

  test("is for listed origins alone, each by its own name, with credentials", async () => {
    const { ask } = await openFront(front);
    const answer = await ask("/tasks", { headers: { ...bearer, origin: LISTED } });
    expect(answer.headers.get("access-control-allow-origin")).toBe(LISTED);
    expect(answer.headers.get("access-control-allow-credentials")).toBe("true");
    expect(answer.headers.get("vary")).toContain("Origin");
    const question = await ask("/tasks", preflight(LISTED));
    expect([question.status, question.headers.get("access-control-allow-origin")]).toEqual([204, LISTED]);
    expect(question.headers.get("access-control-allow-headers")).toContain("authorization");
  });

  test("says nothing to any other origin, by default to none", async () => {
    for (const { ask } of [await openFront(front), await openFront()])
      for (const origin of [
        "https://evil.example.com",
        "null",
        `${LISTED}.evil.example`,
        "https://app.example.co",
      ]) {
        const question = await ask("/tasks", preflight(origin));
        const answer = await ask("/tasks", { headers: { ...bearer, origin } });
        for (const { headers } of [question, answer])
          expect([...headers.keys()].filter((name) => name.startsWith("access-control"))).toEqual([]);
      }
  });
});

describe("a page of another origin", () => {
  test("can change nothing, signed in or not", async () => {
    const { ask, tasks } = await openFront();
    const body = JSON.stringify({ repository: "https://git.example.com/o/r", prompt: "x" });
    for (const origin of ["https://evil.example.com", "null"]) {
      const answer = await ask("/tasks", {
        method: "POST",
        headers: { ...bearer, origin, "content-type": "application/json" },
        body,
      });
      expect(Problem.parse(await answer.json())).toMatchObject({ status: 403, code: "origin_refused" });
    }
    const query = { userId: OWNER.id, state: null, cursor: null, limit: 10 };
    expect((await tasks.list(query)).tasks).toEqual([]);
  });
});
