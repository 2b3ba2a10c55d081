import type { Context } from "hono";
import { html } from "hono/html";
import type { ApiEnvironment } from "./context.ts";
import { PAGE_POLICY } from "./hygiene.ts";

export type Html = ReturnType<typeof html>;

export interface Page {
  title: string;
  body: Html;
  status?: 200 | 400 | 403 | 404 | 410 | 503;
  /** Schemes of apps that a form on this page may lead to. */
  formTargets?: string;
  /** Where the browser goes on by itself. */
  goTo?: string;
}

/** The day of a time, as pages show it. */
export const day = (time: string): string => time.slice(0, 10);

/** A small page of the server's own. Nothing in it is written inline, and it works without any script. */
export function sendPage(c: Context<ApiEnvironment>, page: Page): Response | Promise<Response> {
  const policy = page.formTargets
    ? PAGE_POLICY.replace("form-action 'self'", `form-action 'self' ${page.formTargets}`)
    : PAGE_POLICY;
  return c.html(
    html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
${page.goTo ? html`<meta http-equiv="refresh" content="0; url=${page.goTo}">` : ""}
<title>${page.title} · Farhand</title>
<link rel="icon" type="image/svg+xml" href="/sign-in/icon.svg">
<link rel="stylesheet" href="/sign-in/style.css">
</head>
<body>
<main>
<p class="brand" aria-hidden="true">Farhand</p>
<h1>${page.title}</h1>
${page.body}
</main>
</body>
</html>
`,
    page.status ?? 200,
    // Under the policy for all other answers a browser would hide from us that our own form is ours.
    { "content-security-policy": policy, "referrer-policy": "same-origin" },
  );
}

export const ICON = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#1f5fd0"/><path d="M10 25V8h13M10 16h10" fill="none" stroke="#fff" stroke-width="4"/></svg>`;

export const STYLE = `:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --text: #16191d; --soft: #57606a; --line: #d5dae0;
  --accent: #1f5fd0; --on-accent: #ffffff; --bad: #b3261e; --good: #1a7f37;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #0f1216; --card: #181c22; --text: #e8ebef; --soft: #a0a9b4; --line: #323943;
    --accent: #7aa7ff; --on-accent: #0b1626; --bad: #ff8a80; --good: #6fdd8b;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; padding: 1.5rem 1rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
  display: flex; flex-direction: column; align-items: center; justify-content: center;
}
main {
  width: 100%; max-width: 30rem; padding: 1.75rem; background: var(--card);
  border: 1px solid var(--line); border-radius: 14px;
}
.brand { margin: 0 0 .75rem; font-weight: 700; letter-spacing: .02em; color: var(--accent); }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 1.75rem 0 .5rem; font-size: 1.05rem; }
p { margin: 0 0 .9rem; }
.soft { color: var(--soft); font-size: .925rem; }
.bad { color: var(--bad); }
.good { color: var(--good); }
code, .code { font: .95em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; overflow-wrap: anywhere; }
.code { display: block; margin: 0 0 1rem; font-size: 1.6rem; letter-spacing: .12em; text-align: center; }
label { display: block; margin: 0 0 .25rem; font-weight: 600; }
input, select {
  width: 100%; min-height: 2.9rem; margin: 0 0 .9rem; padding: .5rem .75rem; font: inherit;
  color: var(--text); background: var(--page); border: 1px solid var(--soft); border-radius: 9px;
}
button, .button {
  display: block; width: 100%; min-height: 2.9rem; margin: 0 0 .65rem; padding: .65rem 1rem; font: inherit;
  font-weight: 600; text-align: center; text-decoration: none; cursor: pointer; color: var(--on-accent);
  background: var(--accent); border: 1px solid transparent; border-radius: 9px;
}
.quiet { color: var(--text); background: transparent; border-color: var(--soft); }
.small { width: auto; min-height: 2.25rem; margin: 0; padding: .3rem .8rem; font-size: .9rem; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); }
ul { margin: 0 0 1rem; padding: 0; list-style: none; }
li { display: flex; gap: .75rem; align-items: center; padding: .65rem 0; border-top: 1px solid var(--line); }
li > :first-child { flex: 1; min-width: 0; overflow-wrap: anywhere; }
li .soft { margin: 0; }
summary { padding: .55rem .8rem; font-size: .9rem; cursor: pointer; }
details[open] { flex-basis: 100%; }
li:has(details[open]) { flex-wrap: wrap; }
.qr { display: block; width: 100%; max-width: 15rem; margin: 0 auto 1rem; padding: .75rem; background: #ffffff; border-radius: 9px; }
.qr svg { display: block; width: 100%; height: auto; }
`;
