import axe from "axe-core";
import type { Page } from "playwright-core";
import { until } from "../../screens/browser.ts";

/** Half faded in, nothing has the contrast that it comes to; a dialog that goes is one no more and is still there. */
const IS_STILL = `document.getAnimations().every((it) =>
    it.playState === "finished" || it.effect?.getComputedTiming().iterations === Infinity) &&
  document.querySelector('[aria-modal]:not([role="dialog"])') === null`;

/**
 * What axe finds wrong with what is seen now, each with the first elements that it is about.
 * @param rule the only one to look for
 */
export async function violations(page: Page, rule?: "color-contrast"): Promise<string[]> {
  await until(() => page.evaluate<boolean>(IS_STILL));
  await page.evaluate(axe.source);
  const options = rule ? { runOnly: { type: "rule", values: [rule] } } : {};
  const found = await page.evaluate<axe.AxeResults>(`axe.run(${JSON.stringify(options)})`);
  return found.violations.map(
    ({ id, help, nodes }) =>
      `${id}: ${help}: ${nodes.length} times: ${nodes
        .slice(0, 5)
        .map(
          ({ html, failureSummary }) =>
            `${html.replace(/ (style|class)="[^"]*"/g, "").slice(0, 200)} ${failureSummary}`,
        )
        .join("\n")}`,
  );
}
