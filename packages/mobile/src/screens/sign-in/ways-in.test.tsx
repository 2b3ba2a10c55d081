import { screen, userEvent } from "@testing-library/react-native";
import { openAuthSessionAsync } from "expo-web-browser";
import { renderIn } from "../../../test/a-server.tsx";
import { signInWith as mockSignInWith } from "../../session/auth.native.ts";
import { WaysIn } from "./ways-in.tsx";

const BASE = "https://farhand.example.com";
const AUTHORIZE = "/api/auth/oauth2/authorize";

/** The phone's own part: its browser, from which the person turns back. */
jest.mock("expo-web-browser", () => ({ openAuthSessionAsync: jest.fn(async () => ({ type: "cancel" })) }));
/** As much of it as makes an address. */
jest.mock("expo-auth-session", () => ({
  ResponseType: { Code: "code" },
  CodeChallengeMethod: { S256: "S256" },
  AuthRequest: class {
    readonly clientId: string;
    constructor({ clientId }: { clientId: string }) {
      this.clientId = clientId;
    }
    async makeAuthUrlAsync({ authorizationEndpoint }: { authorizationEndpoint: string }) {
      return `${authorizationEndpoint}?client_id=${this.clientId}`;
    }
  },
}));
/** Without the rest of the app, which would ask who is signed in. */
jest.mock("../../session/session.tsx", () => ({ useSession: () => ({ signIn: mockSignInWith }) }));

const GITHUB = { id: "github", name: "GitHub" };
const GITLAB = { id: "gitlab", name: "GitLab" };
const OIDC = { id: "oidc", name: "Example SSO" };

const fetchBefore = globalThis.fetch;
afterEach(() => {
  globalThis.fetch = fetchBefore;
  jest.clearAllMocks();
});

/** Draws the ways into a server that lists these providers. */
async function draw(
  providers: { id: string; name: string }[],
  given: { linkPath?: string; isOwned?: boolean } = {},
) {
  const asked: string[] = [];
  globalThis.fetch = (async (url: string) => {
    asked.push(String(url));
    return new Response(JSON.stringify({ providers, isOwned: given.isOwned ?? true }), {
      headers: { "content-type": "application/json" },
    });
  }) as typeof fetch;
  await renderIn(<WaysIn baseUrl={BASE} linkPath={given.linkPath ?? null} onOtherServer={() => undefined} />);
  await screen.findByRole("button", { name: "Sign in with the browser" });
  expect(asked).toEqual([`${BASE}/api/sign-in-methods`]);
}

const user = userEvent.setup();
const opened = () => jest.mocked(openAuthSessionAsync).mock.calls.map(([address, back]) => [address, back]);
const next = encodeURIComponent(`${AUTHORIZE}?client_id=farhand-app`);

test.each([[[GITHUB, GITLAB, OIDC]], [[GITLAB]], [[]]])(
  "the ways that are offered are those of the server's list: %j",
  async (providers) => {
    await draw(providers);
    const names = providers.map(({ name }) => `Continue with ${name}`);
    expect(screen.queryAllByRole("button", { name: /^Continue with/ })).toHaveLength(names.length);
    for (const name of names) expect(screen.getByRole("button", { name })).toBeOnTheScreen();
  },
);

test.each([GITHUB, GITLAB, OIDC])(
  "$name begins on the server's page for it, and leads back into the app",
  async ({ id, name }) => {
    await draw([GITHUB, GITLAB, OIDC]);
    await user.press(screen.getByRole("button", { name: `Continue with ${name}` }));
    expect(opened()).toEqual([[`${BASE}/sign-in/with/${id}?next=${next}`, "farhand://auth/callback"]]);
    // The person has turned back: it can be tried again.
    await user.press(screen.getByRole("button", { name: `Continue with ${name}` }));
    expect(opened()).toHaveLength(2);
  },
);

test("without a provider the server's own page says how", async () => {
  await draw([GITHUB]);
  await user.press(screen.getByRole("button", { name: "Sign in with the browser" }));
  expect(opened()).toEqual([[`${BASE}${AUTHORIZE}?client_id=farhand-app`, "farhand://auth/callback"]]);
});

test("a link that was scanned is offered first, and opened with its token", async () => {
  await draw([GITHUB], { linkPath: "/link?token=abc" });
  await user.press(screen.getByRole("button", { name: "Open the link" }));
  expect(opened()).toEqual([[`${BASE}/link?token=abc&next=${next}`, "farhand://auth/callback"]]);
});

test("a server that nobody owns says what to do", async () => {
  await draw([], { isOwned: false });
  expect(screen.getByText(/^Nobody owns this server yet/)).toBeOnTheScreen();
});

test("a way that fails says so", async () => {
  await draw([GITHUB]);
  jest.mocked(openAuthSessionAsync).mockRejectedValueOnce(new Error("There is no browser."));
  await user.press(screen.getByRole("button", { name: "Continue with GitHub" }));
  expect(await screen.findByRole("alert")).toHaveTextContent(/^Signing in did not work\./);
});
