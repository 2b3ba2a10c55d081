import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { OpenAPIHono } from "@hono/zod-openapi";
import type { ApiEnvironment } from "./context.ts";
import { PAGE_POLICY } from "./hygiene.ts";

const assets = {
  "swagger-ui.css": "text/css; charset=utf-8",
  "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
} as const;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Farhand API</title>
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<main id="api"></main>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

// Without its validator, which is somebody else's server and would be told this one's address.
const start = `SwaggerUIBundle({ url: "/api/openapi.json", dom_id: "#api", deepLinking: true, validatorUrl: null });\n`;

/** Swagger UI draws its arrows and its logo from `data:` addresses; besides that it keeps to every page's policy. */
const policy = PAGE_POLICY.replace("img-src 'self'", "img-src 'self' data:");

/** The OpenAPI document for people. Every file comes from this server: the page works without the internet. */
export function mountDocs(api: OpenAPIHono<ApiEnvironment>): void {
  const folder = dirname(createRequire(import.meta.url).resolve("swagger-ui-dist/package.json"));
  api.get("/docs", (c) => c.html(page, 200, { "content-security-policy": policy }));
  api.get("/docs/start.js", (c) => c.body(start, 200, { "content-type": "text/javascript; charset=utf-8" }));
  for (const [name, type] of Object.entries(assets))
    api.get(`/docs/${name}`, async (c) =>
      c.body(await readFile(join(folder, name), "utf8"), 200, {
        "content-type": type,
        "cache-control": "max-age=3600",
      }),
    );
}
