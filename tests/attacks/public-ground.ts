import type { Task } from "@farhand/protocol";
import { openWorld, type World } from "../e2e/support/world.ts";
import type { Engine } from "./engine.ts";
import { refresh, signInDevice, type Tokens, tokensOf, Visitor } from "./visitor.ts";

export const WEBHOOK_SECRET = "attack-canary-webhook-secret-0123456789";
/** A page elsewhere that the owner lets use the API. */
export const LISTED_ORIGIN = "https://app.example";
/** What only the owner's task has in it. */
export const OWNERS_WORD = "the-owners-own-word-7f3a";

/** A Farhand as it stands on the internet, behind a proxy, with an owner and a member in their browsers. */
export interface PublicGround extends AsyncDisposable {
  world: World;
  url: string;
  /** The local token, which is good on the machine itself alone. */
  ownerToken: string;
  owner: Visitor;
  member: Visitor;
  /** The owner's task. */
  task: Task;
  /** The setup link's token, which the owner has used. */
  setupToken: string;
  /** A refresh token that was used at a time, and what it was exchanged for. */
  used: { old: Tokens; next: Tokens; atMs: number };
  visitor(): Visitor;
}

export async function openPublicGround(engine: Engine): Promise<PublicGround> {
  await using opening = new AsyncDisposableStack();
  const world = opening.use(
    await openWorld({
      DOCKER_HOST: `unix://${engine.socketPath}`,
      FARHAND_TRUSTED_PROXIES: "127.0.0.1",
      FARHAND_CORS_ORIGINS: LISTED_ORIGIN,
      FARHAND_GITHUB_WEBHOOK_SECRET: WEBHOOK_SECRET,
    }),
  );
  const url = world.client.baseUrl;
  const { announcement } = world.coordinator;
  const setup =
    "setupUrl" in announcement && typeof announcement.setupUrl === "string" ? announcement.setupUrl : null;
  if (setup === null || announcement.event !== "listening") throw new Error("there is no setup link");
  const ownerToken = (await Bun.file(announcement.tokenFile).text()).trim();
  const setupToken = new URL(setup).searchParams.get("token") ?? "";
  const owner = new Visitor(url);
  await demand(await owner.submit("/setup", { token: setupToken }), 303);
  const member = new Visitor(url);
  await joined(owner, member, "Mal");
  const { id } = await world.create({ prompt: `Keep ${OWNERS_WORD} to yourself. [scenario:say-hello]` });
  const task = await world.ended(id);
  const device = new Visitor(url);
  const old = await signInDevice(device, owner);
  const next = await tokensOf(await refresh(device, old.refresh_token));
  const stack = opening.move();
  return {
    world,
    url,
    ownerToken,
    owner,
    member,
    task,
    setupToken,
    used: { old, next, atMs: performance.now() },
    visitor: () => new Visitor(url),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

export async function demand(answer: Response, status: number): Promise<void> {
  if (answer.status !== status) throw new Error(`${answer.url}: ${answer.status} ${await answer.text()}`);
}

/** Has somebody join by an invitation of the owner's. */
export async function joined(owner: Visitor, guest: Visitor, name: string): Promise<{ userId: string }> {
  const invite = await owner.send("POST", "/api/invites", { person: null });
  await demand(invite, 201);
  const address = /https?:[^"\s]+token=[^"\s]+/.exec(await invite.text())?.[0] ?? "";
  const token = new URL(address).searchParams.get("token") ?? "";
  await demand(await guest.submit("/invite", { token, name }), 303);
  const me = await guest.ask("/api/me");
  await demand(me, 200);
  return (await me.json()) as { userId: string };
}
