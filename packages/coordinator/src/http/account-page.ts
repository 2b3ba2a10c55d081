import type { OpenAPIHono } from "@hono/zod-openapi";
import { html, raw } from "hono/html";
import { renderSVG } from "uqr";
import type { Identity } from "../domain/identity.ts";
import type { Member, SignedIn } from "../domain/sign-in.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { browserOf, field, follow, formOf, sendFailure, signedIn, signInAddress } from "./form.ts";
import { inviteBy } from "./invites.ts";
import { type Html, sendPage } from "./page.ts";
import { endSession, makeOwnLink } from "./sessions.ts";
import { deviceName } from "./sign-in-words.ts";

type Account = Pick<ApiContext, "signIn" | "authenticator" | "members" | "sessions" | "invites" | "audit">;

/** The page of those who are signed in: their devices, a link for another one, and for the owner, invites. */
export function mountAccountPage(app: OpenAPIHono<ApiEnvironment>, context: Account): void {
  const { signIn, sessions, members, invites } = context;

  app.get("/signed-in", async (c) => {
    const identity = await signedIn(c, context);
    const member = identity && (await members.get(identity.userId));
    if (!identity || !member) return c.redirect(signInAddress(c));
    const devices = await sessions.list(identity.userId);
    const open = identity.role === "owner" ? await invites.list() : null;
    return sendPage(c, {
      title: `Signed in as ${member.name || member.login}`,
      body: html`<p class="soft">${roleOf(member)}</p>
<form method="post" action="/signed-in/link"><button>Sign in another device</button></form>
<h2>Your devices</h2>
<ul>${devices.map((device) => deviceItem(device, identity))}</ul>
${signIn.providers.map(({ id, name }) => html`<form method="post" action="/signed-in/add"><button class="quiet" name="provider" value="${id}">Also sign in with ${name}</button></form>`)}
${open ? inviteForm(signIn.providers, open.length) : ""}
${open?.length ? html`<ul>${open.map(({ id, provider, login, expiresAt }) => inviteItem(id, provider ? `${login} (${provider})` : "By link", expiresAt))}</ul>` : ""}
<form method="post" action="/sign-out"><button class="quiet">Sign out here</button></form>`,
    });
  });

  app.post("/signed-in/link", async (c) => {
    await formOf(c);
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    const { url } = await makeOwnLink(context, identity.userId, c.get("peer").address);
    return sendPage(c, {
      title: "Sign in another device",
      body: html`<p>Scan this with the other device, or open the link there.</p>
<div class="qr" role="img" aria-label="QR code of the link below">${raw(renderSVG(url, { border: 1 }))}</div>
<p><code>${url}</code></p>
<p class="soft">It works once, within five minutes. Whoever opens it is signed in as you.</p>
<a class="button quiet" href="/signed-in">Back</a>`,
    });
  });

  app.post("/signed-in/end", async (c) => {
    const sessionId = field(await formOf(c), "id");
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    try {
      await endSession(context, { userId: identity.userId, sessionId, address: c.get("peer").address });
    } catch (error) {
      return sendFailure(c, error);
    }
    return c.redirect("/signed-in", 303);
  });

  // Begun by a form of ours alone: another site could else add the account that it has signed the browser in with.
  app.post("/signed-in/add", async (c) => {
    const provider = field(await formOf(c), "provider");
    if (!(await signedIn(c, context))) return c.redirect("/sign-in", 303);
    try {
      const { location, cookies } = await signIn.link(provider, "/signed-in", browserOf(c));
      for (const cookie of cookies) c.header("set-cookie", cookie, { append: true });
      // Pages here may send forms to this server alone, so the way to another one is a link.
      return await sendPage(c, {
        title: "One more step",
        goTo: location,
        body: html`<a class="button" href="${location}">Continue</a>`,
      });
    } catch (error) {
      return sendFailure(c, error);
    }
  });

  app.post("/signed-in/invite", async (c) => {
    const form = await formOf(c);
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    const provider = field(form, "provider");
    const login = field(form, "login").trim().replace(/^@/, "");
    const isNamed = provider === "github" || provider === "gitlab";
    if (isNamed && !/^[A-Za-z0-9][\w.-]{0,99}$/.test(login))
      return sendPage(c, {
        title: "Who is it?",
        status: 400,
        body: html`<p class="bad" role="alert">Enter the person's login, such as octocat.</p><a class="button quiet" href="/signed-in">Back</a>`,
      });
    const { url } = await inviteBy(
      context,
      identity,
      isNamed ? { provider, login } : null,
      c.get("peer").address,
    );
    return sendPage(c, {
      title: "Invited",
      body: html`${
        url
          ? html`<p>Send this link to the person. It works once, within seven days, for whoever opens it.</p><p><code>${url}</code></p>`
          : html`<p>${login} can now sign in at <code>${signIn.url()}/sign-in</code>, within seven days.</p>`
      }<a class="button quiet" href="/signed-in">Back</a>`,
    });
  });

  app.post("/signed-in/withdraw", async (c) => {
    const id = field(await formOf(c), "id");
    const identity = await signedIn(c, context);
    if (identity?.role !== "owner") return c.redirect("/sign-in", 303);
    if (await invites.remove(id))
      await context.audit.record({
        userId: identity.userId,
        action: "invite.withdrawn",
        subject: id,
        address: c.get("peer").address,
        detail: "",
      });
    return c.redirect("/signed-in", 303);
  });

  app.post("/sign-out", async (c) => {
    await formOf(c);
    const identity = await signedIn(c, context);
    const step = await signIn.signOut(browserOf(c));
    if (identity)
      await context.audit.record({
        userId: identity.userId,
        action: "session.ended",
        subject: identity.sessionId ?? "",
        address: c.get("peer").address,
        detail: "signed out",
      });
    return follow(c, step);
  });
}

const roleOf = ({ login, role }: Member) =>
  role === "owner" ? "You own this server." : `You are a member here, as ${login}.`;

const day = (time: string) => time.slice(0, 10);

function deviceItem(device: SignedIn, identity: Identity): Html {
  const name = deviceName(device.kind, device.label);
  return html`<li><div>${name}${device.id === identity.sessionId ? html` <strong>(this one)</strong>` : ""}
<p class="soft">since ${day(device.createdAt)}${device.address ? html`, from ${device.address}` : ""}</p></div>
${
  device.id === identity.sessionId
    ? ""
    : html`<form method="post" action="/signed-in/end"><input type="hidden" name="id" value="${device.id}"><button class="quiet small" aria-label="Sign out ${name}">Sign out</button></form>`
}</li>`;
}

function inviteItem(id: string, name: string, expiresAt: string): Html {
  return html`<li><div>${name}<p class="soft">until ${day(expiresAt)}</p></div>
<form method="post" action="/signed-in/withdraw"><input type="hidden" name="id" value="${id}"><button class="quiet small" aria-label="Withdraw the invite: ${name}">Withdraw</button></form></li>`;
}

function inviteForm(providers: readonly { id: string; name: string }[], open: number): Html {
  const named = providers.filter(({ id }) => id !== "oidc");
  return html`<h2>Invite somebody</h2>
<form method="post" action="/signed-in/invite">
${
  named.length > 0
    ? html`<label for="provider">How</label>
<select id="provider" name="provider"><option value="">With a link</option>${named.map(({ id, name }) => html`<option value="${id}">By ${name} login</option>`)}</select>
<label for="login">Login</label><input id="login" name="login" maxlength="100" autocomplete="off" autocapitalize="none" spellcheck="false" aria-describedby="login-hint">
<p class="soft" id="login-hint">Left out for a link.</p>`
    : ""
}
<button class="quiet">Invite</button>
</form>
${open > 0 ? html`<h2>Open invites</h2>` : ""}`;
}
