import type { OpenAPIHono } from "@hono/zod-openapi";
import { html, raw } from "hono/html";
import { renderSVG } from "uqr";
import type { Identity } from "../domain/identity.ts";
import type { LinkedAccount, Member, SignedIn } from "../domain/sign-in.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { browserOf, field, follow, formOf, sendFailure, signedIn, signInAddress } from "./form.ts";
import { day, type Html, sendPage } from "./page.ts";
import { mountPeople, peoplePart } from "./people-page.ts";
import { endSession, makeOwnLink } from "./sessions.ts";
import { deviceName } from "./sign-in-words.ts";

/** The page of those who are signed in: their devices, a link for another one, and for the owner, the others. */
export function mountAccountPage(app: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { signIn, sessions, members, accounts } = context;

  app.get("/signed-in", async (c) => {
    const identity = await signedIn(c, context);
    const member = identity && (await members.get(identity.userId));
    if (!identity || !member) return c.redirect(signInAddress(c));
    const devices = await sessions.list(identity.userId);
    const linked = await accounts.list(identity.userId);
    return sendPage(c, {
      title: `Signed in as ${member.name || member.login}`,
      body: html`<p class="soft">${roleOf(member)}</p>
<form method="post" action="/signed-in/link"><button>Sign in another device</button></form>
<h2>Your devices</h2>
<ul>${devices.map((device) => deviceItem(device, identity))}</ul>
${accountsPart(signIn.providers, linked, mayUnlink(identity, linked))}
${identity.role === "owner" ? await peoplePart(context, identity) : ""}
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

  app.post("/signed-in/unlink", async (c) => {
    const provider = field(await formOf(c), "provider");
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    if (!(await accounts.remove(identity.userId, provider, hasOtherWay(identity))))
      return sendPage(c, {
        title: "It stays linked",
        status: 400,
        body: html`<p class="bad" role="alert">This is the only account that you can sign in with.</p>
<p>Link another one first.</p><a class="button quiet" href="/signed-in">Back</a>`,
      });
    await context.audit.record({
      userId: identity.userId,
      action: "account.unlinked",
      subject: provider,
      address: c.get("peer").address,
      detail: "",
    });
    return c.redirect("/signed-in", 303);
  });

  mountPeople(app, context);

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

/** Whoever owns the server has its command line. */
const hasOtherWay = ({ role }: Identity) => role === "owner";

const mayUnlink = (identity: Identity, linked: readonly LinkedAccount[]) =>
  hasOtherWay(identity) || new Set(linked.map(({ provider }) => provider)).size > 1;

function accountsPart(
  providers: readonly { id: string; name: string }[],
  linked: readonly LinkedAccount[],
  isRemovable: boolean,
): Html {
  const nameOf = (id: string) => providers.find((provider) => provider.id === id)?.name ?? id;
  const open = providers.filter(({ id }) => !linked.some(({ provider }) => provider === id));
  return html`${
    linked.length > 0
      ? html`<h2>Accounts that you sign in with</h2>
<ul>${linked.map(
          ({
            provider,
            linkedAt,
          }) => html`<li><div>${nameOf(provider)}<p class="soft">since ${day(linkedAt)}</p></div>
${
  isRemovable
    ? html`<form method="post" action="/signed-in/unlink"><button class="quiet small" name="provider" value="${provider}" aria-label="Unlink ${nameOf(provider)}">Unlink</button></form>`
    : ""
}</li>`,
        )}</ul>`
      : ""
  }
${open.map(({ id, name }) => html`<form method="post" action="/signed-in/add"><button class="quiet" name="provider" value="${id}">Also sign in with ${name}</button></form>`)}`;
}
