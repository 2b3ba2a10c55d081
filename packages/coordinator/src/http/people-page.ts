import type { OpenAPIHono } from "@hono/zod-openapi";
import { html, raw } from "hono/html";
import { renderSVG } from "uqr";
import type { Identity } from "../domain/identity.ts";
import type { Member } from "../domain/sign-in.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { field, formOf, sendFailure, signedIn } from "./form.ts";
import { inviteBy } from "./invites.ts";
import { linkMember, removeMember } from "./members.ts";
import { day, type Html, sendPage } from "./page.ts";

/** What the owner sees of the others on the account page. */
export async function peoplePart(
  { signIn, members, invites }: Pick<ApiContext, "signIn" | "members" | "invites">,
  { userId }: Identity,
): Promise<Html> {
  const open = await invites.list();
  const people = await members.list();
  return html`<h2>People</h2>
<ul>${people.map((person) => personItem(person, person.id === userId))}</ul>
${inviteForm(signIn.providers)}
${open.length > 0 ? html`<h2>Open invites</h2><ul>${open.map(({ id, provider, login, expiresAt }) => inviteItem(id, provider ? `${login} (${provider})` : "By link", expiresAt))}</ul>` : ""}`;
}

/** The forms of it. */
export function mountPeople(app: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { signIn, invites } = context;

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

  app.post("/signed-in/member-link", async (c) => {
    const id = field(await formOf(c), "id");
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    try {
      const { url } = await linkMember(context, id, { identity, address: c.get("peer").address });
      return await sendPage(c, {
        title: "A link for this person",
        body: html`<p>Send them this link, or let them scan it.</p>
<div class="qr" role="img" aria-label="QR code of the link below">${raw(renderSVG(url, { border: 1 }))}</div>
<p><code>${url}</code></p>
<p class="soft">It works once, within a day. Whoever opens it is signed in as that person.</p>
<a class="button quiet" href="/signed-in">Back</a>`,
      });
    } catch (error) {
      return sendFailure(c, error);
    }
  });

  app.post("/signed-in/remove-member", async (c) => {
    const id = field(await formOf(c), "id");
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in", 303);
    try {
      await removeMember(context, id, { identity, address: c.get("peer").address });
    } catch (error) {
      return sendFailure(c, error);
    }
    return c.redirect("/signed-in", 303);
  });
}

function personItem({ id, login, name, role }: Member, isSelf: boolean): Html {
  const called = name || login;
  return html`<li><div>${called}${isSelf ? html` <strong>(you)</strong>` : ""}
<p class="soft">${role === "owner" ? "owner" : `member, ${login}`}</p></div>
${
  isSelf
    ? ""
    : html`<form method="post" action="/signed-in/member-link"><input type="hidden" name="id" value="${id}"><button class="quiet small" aria-label="Make a sign-in link for ${called}">Link</button></form>
<details><summary aria-label="Remove ${called} …">Remove …</summary>
<form method="post" action="/signed-in/remove-member"><input type="hidden" name="id" value="${id}"><p class="soft">Signs them out, ends their tasks and removes their keys.</p><button class="quiet small" aria-label="Remove ${called}">Remove</button></form></details>`
}</li>`;
}

function inviteItem(id: string, name: string, expiresAt: string): Html {
  return html`<li><div>${name}<p class="soft">until ${day(expiresAt)}</p></div>
<form method="post" action="/signed-in/withdraw"><input type="hidden" name="id" value="${id}"><button class="quiet small" aria-label="Withdraw the invite: ${name}">Withdraw</button></form></li>`;
}

function inviteForm(providers: readonly { id: string; name: string }[]): Html {
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
</form>`;
}
