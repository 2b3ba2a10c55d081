import type { Palette, Scheme } from "./tokens.ts";

/** The browser's own parts: scroll bars, the bar above the page, what shows when one scrolls too far. */
export function applySystemColors(scheme: Scheme, colors: Palette): void {
  const { documentElement: root, head } = document;
  root.style.colorScheme = scheme;
  root.style.backgroundColor = colors.page;
  let meta = head.querySelector<HTMLMetaElement>('meta[name="theme-color"]');
  if (!meta) {
    meta = document.createElement("meta");
    meta.name = "theme-color";
    head.append(meta);
  }
  meta.content = colors.page;
}
