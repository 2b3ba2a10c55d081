import { complaintsOf, launchBrowser } from "../../screens/browser.ts";

export type Tab = Awaited<ReturnType<typeof openTab>>;

/** A browser of its own with one page, for pages that need no script: what a person follows, fills in and reads. */
export async function openTab() {
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const complaints = complaintsOf(page);
  return {
    /** What the browser complained about, such as parts of a page that its policy forbids. */
    complaints,
    goto: (url: string) => page.goto(url),
    /** Clicks what the selector finds first, and waits for the page that comes of it. */
    async follow(selector: string) {
      await Promise.all([page.waitForEvent("load"), page.locator(selector).first().click()]);
    },
    /** Clicks without waiting for what comes of it, be it one page, several or none. */
    click: (selector: string) => page.locator(selector).first().click({ noWaitAfter: true }),
    fill: (selector: string, text: string) => page.locator(selector).first().fill(text),
    /** Waits until an address begins like this, over as many pages as lead there by themselves. */
    arrive: (start: string) => page.waitForURL((url) => url.href.startsWith(start)),
    evaluate: <T>(expression: string) => page.evaluate<T>(expression),
    text: () => page.evaluate<string>("document.body.innerText"),
    url: () => page.url(),
    [Symbol.asyncDispose]: () => browser.close(),
  };
}
