import { readdir } from "node:fs/promises";
import { join } from "node:path";

const SCRIPTS = "_expo/static/js/web";

/**
 * Names the scripts in the page that it loads later, so that browsers fetch them when they have nothing better to do, and the
 * service worker keeps them with the others: every screen opens offline, also one that was never open.
 * @param folder the exported app
 */
export async function nameParts(folder: string): Promise<void> {
  const page = Bun.file(join(folder, "index.html"));
  const html = await page.text();
  const parts = (await readdir(join(folder, SCRIPTS)).catch(() => []))
    .filter((name) => name.endsWith(".js") && !html.includes(name))
    .sort();
  const links = parts.map((name) => `  <link rel="prefetch" href="/${SCRIPTS}/${name}">\n  `);
  if (links.length > 0)
    await Bun.write(
      page,
      html.replace("</head>", () => `${links.join("")}</head>`),
    );
}
