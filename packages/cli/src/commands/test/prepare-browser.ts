import { ensureBrowser } from "../../setup/browser.ts";
import { runStep } from "../../terminal/steps.ts";
import type { Terminal } from "../../terminal/terminal.ts";

/** Makes sure that there is a browser for the tests that need one. Where none can be had, they are skipped. */
export async function prepareBrowser(terminal: Terminal): Promise<void> {
  await runStep(terminal, "Browser", async (log) => {
    const browser = await ensureBrowser({ log, allowInstall: true });
    if (browser.available) return { value: undefined, detail: browser.version };
    return { value: undefined, detail: `${browser.reason} ${browser.action}`, mark: "warning" };
  });
}
