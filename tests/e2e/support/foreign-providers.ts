import { join } from "node:path";
import { createEmulator } from "emulate";
import { startIdentityProvider } from "../../../packages/coordinator/test/identity-provider.ts";
import { type Coordinator, startCoordinator } from "./coordinator.ts";
import { freePort } from "./deployment.ts";
import type { Tab } from "./tab.ts";

const GITHUB = { clientId: "Iv1.elsewhere", clientSecret: "canary-secret-of-the-emulated-app" };
/** As the identity provider has it. */
const OIDC = { clientId: "farhand", clientSecret: "a-secret-of-the-identity-provider" };

export interface Elsewhere extends AsyncDisposable {
  url: string;
  setupUrl: string;
  dataDirectory: string;
  coordinator: Coordinator;
  /** Of the OpenID Connect provider. */
  issuer: string;
  githubUrl: string;
}

/** A coordinator where one signs in with a GitHub and an OpenID Connect provider, both written by others. */
export async function startWithForeignProviders(folder: string): Promise<Elsewhere> {
  await using started = new AsyncDisposableStack();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const idp = started.use(await startIdentityProvider(`${url}/api/auth/callback/oidc`));
  const emulator = await createEmulator({
    service: "github",
    port: 0,
    seed: {
      github: {
        users: [
          { login: "mara", name: "Mara" },
          { login: "noor", name: "Noor" },
        ],
        oauth_apps: [
          {
            client_id: GITHUB.clientId,
            client_secret: GITHUB.clientSecret,
            name: "Farhand",
            redirect_uris: [`${url}/api/auth/callback/github`],
          },
        ],
      },
    },
  });
  started.defer(() => emulator.close());
  const dataDirectory = join(folder, `data-${port}`);
  const coordinator = await startCoordinator({
    FARHAND_DATA: dataDirectory,
    FARHAND_PORT: String(port),
    // Nothing here starts a task's worker.
    FARHAND_SANDBOX: "process",
    FARHAND_WORKER_BINARY: "/bin/false",
    FARHAND_GITHUB_URL: emulator.url,
    FARHAND_GITHUB_API_URL: emulator.url,
    FARHAND_GITHUB_CLIENT_ID: GITHUB.clientId,
    FARHAND_GITHUB_CLIENT_SECRET: GITHUB.clientSecret,
    FARHAND_OIDC_ISSUER: idp.issuer,
    FARHAND_OIDC_CLIENT_ID: OIDC.clientId,
    FARHAND_OIDC_CLIENT_SECRET: OIDC.clientSecret,
    FARHAND_OIDC_NAME: "Example Inc.",
  });
  started.defer(async () => void (await coordinator.stop()));
  const { announcement } = coordinator;
  if (announcement.event !== "listening") throw new Error(announcement.message);
  const parts = started.move();
  return {
    url,
    setupUrl: announcement.setupUrl ?? "",
    dataDirectory,
    coordinator,
    issuer: idp.issuer,
    githubUrl: emulator.url,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Signs somebody in on the OpenID Connect provider's own pages, and lets the program know of it. */
export async function signInThere(tab: Tab, login: string): Promise<void> {
  await tab.fill('input[name="login"]', login);
  await tab.fill('input[name="password"]', "anything");
  await tab.follow('button[type="submit"]');
  await tab.click('button[type="submit"]');
}
