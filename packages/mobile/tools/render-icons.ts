/** Draws the app's icons from its mark, with the Chromium of this machine: `bun packages/mobile/tools/render-icons.ts`. */
import { join } from "node:path";
import { launchBrowser } from "../../../tests/screens/browser.ts";
import { MARK } from "../src/icons/paths.ts";

const folder = join(import.meta.dir, "..");
const GROUND = "#1f5fd0";

/** @param scale of the mark within its square; a system may cut a circle out of the middle */
function svg(options: { ground: "tile" | "square" | "none"; ink: string; scale?: number }): string {
  const { ground, ink, scale = 1 } = options;
  const tile =
    ground === "none"
      ? ""
      : `<rect width="32" height="32" rx="${ground === "tile" ? 8 : 0}" fill="${GROUND}"/>`;
  const strokes = MARK.stroke.map((path) => `<path d="${path}"/>`).join("");
  const { x, y, r } = MARK.dot;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><title>Farhand</title>${tile}<g transform="translate(16 16) scale(${scale}) translate(-16 -16)" fill="none" stroke="${ink}" stroke-width="3.6" stroke-linecap="round" stroke-linejoin="round">${strokes}<circle cx="${x}" cy="${y}" r="${r}" fill="${ink}" stroke="none"/></g></svg>\n`;
}

const tile = svg({ ground: "tile", ink: "#fff" });
const square = svg({ ground: "square", ink: "#fff" });
const maskable = svg({ ground: "square", ink: "#fff", scale: 0.72 });
const bare = svg({ ground: "none", ink: "#fff", scale: 0.62 });

const pictures: [path: string, picture: string, size: number][] = [
  ["assets/icon.png", square, 1024],
  ["assets/adaptive-icon.png", bare, 1024],
  ["assets/splash.png", tile, 512],
  ["public/icon-180.png", square, 180],
  ["public/icon-192.png", tile, 192],
  ["public/icon-512.png", tile, 512],
  ["public/icon-maskable-512.png", maskable, 512],
  ["public/badge-96.png", svg({ ground: "none", ink: "#fff" }), 96],
];

await Bun.write(join(folder, "public/icon.svg"), tile);
const browser = await launchBrowser();
for (const [path, picture, size] of pictures) {
  const page = await browser.newPage({ viewport: { width: size, height: size } });
  await page.setContent(
    `<style>html,body{margin:0;background:transparent}svg{display:block;width:100vw;height:100vh}</style>${picture}`,
  );
  await page.screenshot({ path: join(folder, path), omitBackground: true });
  await page.close();
}
await browser.close();
