import type { PullRequest } from "./store.ts";

/** A plain page for a pull request's address, so that whoever follows the link finds it. */
export function pullPage(title: string, pull: PullRequest): Response {
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>${escaped(pull.title)} · Pull request #${pull.number} · ${escaped(title)}</title>
<body style="font: 16px/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem">
<p>${escaped(title)} <em>(GitHub simulator)</em></p>
<h1>${escaped(pull.title)} #${pull.number}</h1>
<p><strong>${pull.state}</strong>: ${escaped(pull.author)} wants to merge <code>${escaped(pull.head)}</code> into <code>${escaped(pull.base)}</code></p>
<pre style="white-space: pre-wrap">${escaped(pull.body ?? "")}</pre>
`;
  return new Response(html, { headers: { "content-type": "text/html; charset=utf-8" } });
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
