import { SetupError } from "../setup/setup-error.ts";
import { builtWebApp, ensureWebApp } from "../setup/web-app.ts";
import { runStep } from "../terminal/steps.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { CommandContext } from "./context.ts";

/**
 * Makes sure that the coordinator has an app to serve. A server without it is worth running all the same: the command line
 * works, and the page at `/` says what to do. FARHAND_WEB_APP is taken as it is, also where it is `none`.
 * @returns what a coordinator must be told in its environment
 */
export async function prepareWebApp(
  { root, env }: Pick<CommandContext, "root" | "env">,
  terminal: Terminal,
): Promise<Record<string, string>> {
  if (env.FARHAND_WEB_APP) return { FARHAND_WEB_APP: env.FARHAND_WEB_APP };
  return runStep<Record<string, string>>(terminal, "App", async (log) => {
    try {
      const path = await ensureWebApp(root, log);
      return { value: { FARHAND_WEB_APP: path }, detail: path };
    } catch (error) {
      if (!(error instanceof SetupError)) throw error;
      return { value: {}, detail: `${error.message} ${error.action}`, mark: "warning" };
    }
  });
}

/** The same for servers that come and go: with the app where it is built, and never waiting for it. */
export async function webAppIfBuilt({
  root,
  env,
}: Pick<CommandContext, "root" | "env">): Promise<Record<string, string>> {
  const path = env.FARHAND_WEB_APP || (await builtWebApp(root));
  return path ? { FARHAND_WEB_APP: path } : {};
}
