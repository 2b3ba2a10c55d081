import { createHash, createHmac, randomBytes } from "node:crypto";
import type { Attack, Attempt } from "./attack.ts";
import { misused, readsAs, takenByName, tampered, withToken } from "./forged-tokens.ts";
import { publicAttack } from "./public-attack.ts";
import { demand, type PublicGround, WEBHOOK_SECRET } from "./public-ground.ts";
import { approvedDevice, oauth, redeemDevice, refresh, signInDevice, tokensOf } from "./visitor.ts";

const AREA = "sign-in";
const appRequest = () => {
  const verifier = randomBytes(32).toString("base64url");
  const challenge = createHash("sha256").update(verifier).digest("base64url");
  const query = (change: Record<string, string> = {}) =>
    `/api/auth/oauth2/authorize?${new URLSearchParams({
      response_type: "code",
      client_id: "farhand-app",
      redirect_uri: "farhand://auth/callback",
      state: "s",
      code_challenge: challenge,
      code_challenge_method: "S256",
      ...change,
    })}`;
  return { verifier, query };
};

/** A code for the app, to which the owner has said yes. */
async function appCode(ground: PublicGround): Promise<{ code: string; verifier: string }> {
  const { verifier, query } = appRequest();
  let answer = await ground.owner.ask(query());
  for (let hops = 0; hops < 5 && answer.headers.has("location"); hops += 1)
    answer = await ground.owner.ask(answer.headers.get("location") ?? "");
  const hidden =
    /name="query" value="([^"]*)"/.exec(await answer.text())?.[1]?.replaceAll("&amp;", "&") ?? "";
  const back = await ground.owner.submit("/consent", { query: hidden, decision: "approve" });
  const code = new URL(back.headers.get("location") ?? "farhand://none").searchParams.get("code");
  if (code === null) throw new Error(`no code came back: ${back.status} ${back.headers.get("location")}`);
  return { code, verifier };
}

const exchange = (ground: PublicGround, code: string, verifier: string) =>
  oauth(ground.visitor(), "/oauth2/token", {
    grant_type: "authorization_code",
    client_id: "farhand-app",
    redirect_uri: "farhand://auth/callback",
    code,
    code_verifier: verifier,
  });

const byStatus = (status: number): Attempt => ({ succeeded: status < 400, evidence: `status ${status}` });

/** For so long an old token is taken for one whose answer was lost, and a little more. */
const LOST_ANSWER_MS = 16_500;

/** The same request with a token that was not used yet. */
async function unused(ground: PublicGround): Promise<Attempt> {
  const device = ground.visitor();
  const tokens = await signInDevice(device, ground.owner);
  return byStatus((await refresh(device, tokens.refresh_token)).status);
}

export const tokenAttacks: Attack[] = [
  publicAttack({
    area: AREA,
    name: "tampered access tokens",
    by: "algorithm, issuer, audience and keys are the server's to say",
    async try(ground) {
      const { access_token } = await signInDevice(ground.visitor(), ground.member);
      if ((await withToken(ground, access_token)) !== 200) throw new Error("the good token is refused too");
      const taken: string[] = [];
      for (const [name, token] of await tampered(ground, access_token))
        if ((await withToken(ground, token)) !== 401) taken.push(name);
      return { succeeded: taken.length > 0, evidence: taken.join(", ") || "all were refused" };
    },
    async control(ground) {
      const { access_token } = await signInDevice(ground.visitor(), ground.member);
      const taken = (await tampered(ground, access_token)).filter(([, token]) => readsAs(token));
      return { succeeded: taken.length > 10, evidence: `${taken.length} would be taken` };
    },
  }),
  publicAttack({
    area: AREA,
    name: "tokens that the server signed for another audience, time or person",
    by: "issuer, audience, kind and time are compared, and the sign-in is looked up",
    async try(ground) {
      const { access_token } = await signInDevice(ground.visitor(), ground.member);
      const taken: string[] = [];
      for (const [name, token] of await misused(ground, access_token))
        if ((await withToken(ground, token)) !== 401) taken.push(name);
      return { succeeded: taken.length > 0, evidence: taken.join(", ") || "all were refused" };
    },
    async control(ground) {
      const { access_token } = await signInDevice(ground.visitor(), ground.member);
      const all = await misused(ground, access_token);
      const taken = await Promise.all(all.map(([, token]) => takenByName(ground, token)));
      return {
        succeeded: taken.every(Boolean),
        evidence: `the signature alone lets ${taken.filter(Boolean).length} of ${all.length} through`,
      };
    },
  }),
  publicAttack({
    area: AREA,
    name: "a code a second time",
    by: "codes are good once, and a second use takes back the first",
    async try(ground) {
      const { code, verifier } = await appCode(ground);
      const first = await tokensOf(await exchange(ground, code, verifier));
      const second = await exchange(ground, code, verifier);
      const after = await refresh(ground.visitor(), first.refresh_token);
      const device = ground.visitor();
      const deviceCode = await approvedDevice(device, ground.owner);
      await tokensOf(await redeemDevice(device, deviceCode));
      const again = await redeemDevice(device, deviceCode);
      return {
        succeeded: second.ok || after.ok || again.ok,
        evidence: `again ${second.status}, its tokens ${after.status}, a device's code ${again.status}`,
      };
    },
    async control(ground) {
      const { code, verifier } = await appCode(ground);
      return byStatus((await exchange(ground, code, verifier)).status);
    },
  }),
  publicAttack({
    area: AREA,
    name: "a code without its verifier, or with another",
    by: "PKCE",
    async try(ground) {
      const statuses: number[] = [];
      for (const verifier of ["", appRequest().verifier]) {
        const { code } = await appCode(ground);
        statuses.push((await exchange(ground, code, verifier)).status);
      }
      return { succeeded: statuses.some((status) => status < 400), evidence: statuses.join(" ") };
    },
    async control(ground) {
      const { code, verifier } = await appCode(ground);
      return byStatus((await exchange(ground, code, verifier)).status);
    },
  }),
  publicAttack({
    area: AREA,
    name: "codes sent to other addresses (open redirect)",
    by: "a client's addresses are fixed, and pages lead to paths of this server alone",
    async try(ground) {
      const evil = [
        "https://evil.example/",
        "farhand://auth/callback/../evil",
        "farhand://evil/callback",
        "javascript:alert(1)",
        "//evil.example",
        "http://127.0.0.1/",
      ];
      const led: string[] = [];
      for (const address of evil) {
        const answer = await ground.owner.ask(appRequest().query({ redirect_uri: address }));
        const location = answer.headers.get("location") ?? "";
        if (isElsewhere(ground, location)) led.push(location);
      }
      for (const next of [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%09/evil.example",
        "\\/evil",
        "/..//evil.example",
        "javascript:alert(1)",
        "/sign-in/../..//evil.example",
      ]) {
        const page = await ground.owner.ask(`/sign-in?next=${encodeURIComponent(next)}`);
        const html = await page.text();
        const targets = [...html.matchAll(/(?:href|action|content)="([^"]*)"/g)].map(
          (match) => match[1] ?? "",
        );
        if (isElsewhere(ground, page.headers.get("location") ?? "")) led.push(`next ${next}`);
        if (targets.some((target) => /^(https?:)?\/\/evil|^javascript:/i.test(target)))
          led.push(`page ${next}`);
      }
      return { succeeded: led.length > 0, evidence: led.join(", ") || "led nowhere else" };
    },
    async control(ground) {
      // The app's own address is one that the server does lead to.
      const { code } = await appCode(ground);
      return { succeeded: code !== "", evidence: "a code went to farhand://auth/callback" };
    },
  }),
  publicAttack({
    area: AREA,
    name: "links a second time, and as links of another kind",
    by: "links are good once, for one thing",
    async try(ground) {
      const statuses = await Promise.all([
        ground.visitor().submit("/setup", { token: ground.setupToken }),
        ground.visitor().submit("/link", { token: ground.setupToken }),
        ground.visitor().submit("/invite", { token: ground.setupToken, name: "x" }),
        ground.visitor().submit("/setup", { token: "" }),
        ground.visitor().submit("/link", { token: "../../owner.token" }),
      ]).then((answers) => answers.map(({ status }) => status));
      return { succeeded: statuses.some((status) => status < 400), evidence: statuses.join(" ") };
    },
    async control(ground) {
      const made = await ground.owner.send("POST", "/api/sign-in-links", {});
      const token = /token=([\w-]+)/.exec(await made.text())?.[1] ?? "";
      return byStatus((await ground.visitor().submit("/link", { token })).status);
    },
  }),
  publicAttack({
    area: AREA,
    name: "the machine's own token from elsewhere",
    by: "it is taken from the machine itself alone",
    async try(ground) {
      const headers = { authorization: `Bearer ${ground.ownerToken}` };
      const answers = await Promise.all([
        ground.visitor().ask("/api/tasks", { headers }),
        ...["x-real-ip", "via", "forwarded", "x-forwarded-host"].map((name) =>
          fetch(`${ground.url}/api/tasks`, { headers: { ...headers, [name]: "11.5.9.9" } }),
        ),
      ]);
      const statuses = answers.map(({ status }) => status);
      return { succeeded: statuses.some((status) => status < 400), evidence: statuses.join(" ") };
    },
    control: async (ground) =>
      byStatus(
        (
          await fetch(`${ground.url}/api/tasks`, {
            headers: { authorization: `Bearer ${ground.ownerToken}` },
          })
        ).status,
      ),
  }),
  publicAttack({
    area: AREA,
    name: "a session that was revoked",
    by: "every request asks whether the session holds",
    async try(ground) {
      const browser = ground.visitor();
      const device = ground.visitor();
      const { access_token } = await signInDevice(device, ground.owner);
      const mine = (await (
        await device.ask("/api/me", { headers: { authorization: `Bearer ${access_token}` } })
      ).json()) as { sessionId: string };
      await demand(await ground.owner.send("DELETE", `/api/sessions/${mine.sessionId}`, undefined), 200);
      const answer = await browser.ask("/api/tasks", {
        headers: { authorization: `Bearer ${access_token}` },
      });
      return byStatus(answer.status);
    },
    async control(ground) {
      const { access_token } = await signInDevice(ground.visitor(), ground.owner);
      return byStatus(await withToken(ground, access_token));
    },
  }),
  publicAttack({
    area: AREA,
    name: "forged webhooks",
    by: "signatures are checked",
    async try(ground) {
      const body = webhookBody(ground);
      const right = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
      const signatures = [
        "",
        "sha256=",
        `sha256=${"0".repeat(64)}`,
        `sha1=${right.slice(0, 40)}`,
        `sha256=${right.slice(0, 63)}`,
        `sha256=${createHmac("sha256", "").update(body).digest("hex")}`,
      ];
      const statuses: number[] = [];
      for (const signature of signatures) statuses.push((await webhook(ground, body, signature)).status);
      return { succeeded: statuses.some((status) => status < 400), evidence: statuses.join(" ") };
    },
    async control(ground) {
      const body = webhookBody(ground);
      const right = createHmac("sha256", WEBHOOK_SECRET).update(body).digest("hex");
      return byStatus((await webhook(ground, body, `sha256=${right}`)).status);
    },
  }),
  publicAttack({
    area: AREA,
    name: "a refresh token that was used before, at once",
    by: "refresh tokens rotate, and an old one ends its family",
    async try(ground) {
      const device = ground.visitor();
      const old = await signInDevice(device, ground.owner);
      const next = await tokensOf(await refresh(device, old.refresh_token));
      // Using the successor says that its answer was not lost.
      await tokensOf(await refresh(device, next.refresh_token));
      const stolen = await refresh(ground.visitor(), old.refresh_token);
      return { succeeded: stolen.ok, evidence: `the old one ${stolen.status}` };
    },
    control: unused,
  }),
  publicAttack({
    area: AREA,
    name: "a refresh token that was used before, a while later",
    by: "refresh tokens rotate, and an old one ends its family",
    async try(ground) {
      const { old, next, atMs } = ground.used;
      await Bun.sleep(Math.max(0, atMs + LOST_ANSWER_MS - performance.now()));
      const stolen = await refresh(ground.visitor(), old.refresh_token);
      const family = await withToken(ground, next.access_token);
      return {
        succeeded: stolen.ok || family !== 401,
        evidence: `the old one ${stolen.status}, its family ${family}`,
      };
    },
    control: unused,
  }),
];

const isElsewhere = ({ url }: PublicGround, location: string) =>
  location !== "" && new URL(location, url).origin !== new URL(url).origin;

const webhookBody = ({ task }: PublicGround) =>
  JSON.stringify({
    action: "closed",
    pull_request: {
      html_url: task.pullRequestUrl ?? "http://127.0.0.1/octo/shop/pull/999",
      merged: true,
      updated_at: new Date().toISOString(),
    },
  });

const webhook = (ground: PublicGround, body: string, signature: string) =>
  ground.visitor().ask("/api/webhooks/github", {
    method: "POST",
    headers: {
      "content-type": "application/json",
      "x-github-event": "pull_request",
      "x-github-delivery": crypto.randomUUID(),
      "x-hub-signature-256": signature,
    },
    body,
  });
