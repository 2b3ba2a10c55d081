import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Context } from "hono";
import { html } from "hono/html";
import type { LinkKind, Step } from "../domain/sign-in.ts";
import { mountAccountPage } from "./account-page.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { browserOf, field, follow, formOf, sendFailure, signedIn, signInAddress } from "./form.ts";
import { type Html, ICON, STYLE, sendPage } from "./page.ts";
import { sentenceFor } from "./sign-in-words.ts";

type C = Context<ApiEnvironment>;

/**
 * The pages on which people sign in that come with a link, or without the app, and OAuth's own addresses. Whatever
 * changes something is a form that is sent, so that nobody's mail scanner uses up a link by looking at it.
 */
export function mountSignIn(app: OpenAPIHono<ApiEnvironment>, context: ApiContext): void {
  const { signIn } = context;

  app.get("/sign-in/style.css", (c) =>
    c.body(STYLE, 200, { "content-type": "text/css; charset=utf-8", "cache-control": "max-age=3600" }),
  );
  app.get("/sign-in/icon.svg", (c) =>
    c.body(ICON, 200, { "content-type": "image/svg+xml", "cache-control": "max-age=3600" }),
  );
  app.all("/api/auth/*", (c) => signIn.answer(c.req.raw, c.get("peer")));

  app.get("/sign-in", (c) => {
    const elsewhere = homeOf(c, signIn.url());
    if (elsewhere) return c.redirect(elsewhere);
    const error = c.req.query("error");
    const next = nextOf(c);
    const to = `?next=${encodeURIComponent(next)}`;
    return sendPage(c, {
      title: "Sign in",
      status: error ? 403 : 200,
      body: html`${error ? html`<p class="bad" role="alert">${sentenceFor(error)}</p>` : ""}
${c.req.query("invited") ? html`<p>You are invited. Say who you are, and you are in.</p>` : ""}
${signIn.providers.map(({ id, name }) => html`<a class="button" href="/sign-in/with/${id}${to}">Continue with ${name}</a>`)}
<p class="soft">Signed in on another device? Open its account page and scan the code there.
On the server's own machine, <code>${signIn.commandLine} link</code> prints a link for you, if you own the server.</p>`,
    });
  });

  app.get("/sign-in/with/:provider", async (c) => {
    try {
      const next = c.req.query("next") ?? "";
      return follow(c, await signIn.begin(c.req.param("provider"), next, browserOf(c)));
    } catch (error) {
      return sendFailure(c, error);
    }
  });

  oneTimePage("setup", {
    title: "Make this server yours",
    text: html`<p>You are about to become the owner of this Farhand server, in this browser.</p>
<p class="soft">The link works once. Whoever opens it first owns the server.</p>`,
    button: "Become the owner",
  });
  oneTimePage("link", {
    title: "Sign in on this device",
    text: html`<p>This link signs you in on this device.</p>`,
    button: "Sign in",
  });

  app.get("/invite", async (c) => {
    const token = c.req.query("token") ?? "";
    if (!(await signIn.isGoodLink("invite", token, c.get("peer")))) return usedUp(c);
    const isNamed = signIn.providers.length === 0;
    return sendPage(c, {
      title: "You are invited",
      body: html`<p>You can join this Farhand server. Your tasks and keys are yours alone.</p>
<form method="post" action="/invite">
<input type="hidden" name="token" value="${token}">
${isNamed ? html`<label for="name">Your name</label><input id="name" name="name" required maxlength="60" autocomplete="name">` : ""}
<button>${isNamed ? "Join" : "Accept"}</button>
</form>`,
    });
  });

  app.post("/invite", async (c) => {
    const form = await formOf(c);
    const token = field(form, "token");
    const step =
      signIn.providers.length > 0
        ? await signIn.accept(token, c.get("peer"))
        : await signIn.join(token, field(form, "name").trim().slice(0, 60) || "Member", browserOf(c));
    return step ? follow(c, step) : usedUp(c);
  });

  app.get("/device", async (c) => {
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect(signInAddress(c));
    const code = codeOf(c.req.query("user_code"));
    return sendPage(c, {
      title: "Sign in a command line",
      body: code
        ? html`<p>Does your terminal show this code?</p>
<p class="code">${code}</p>
<p class="soft">Only go on if you have begun this yourself: whoever shows you this code can then act as you.</p>
<form method="post" action="/device">
<input type="hidden" name="user_code" value="${code}">
<button name="decision" value="approve">Yes, sign it in</button>
<button class="quiet" name="decision" value="deny">No, turn it away</button>
</form>`
        : html`<form method="get" action="/device">
<label for="user_code">The code that your terminal shows</label>
<input id="user_code" name="user_code" required maxlength="12" autocomplete="off" autocapitalize="characters" spellcheck="false">
<button>Continue</button>
</form>`,
    });
  });

  app.post("/device", async (c) => {
    const form = await formOf(c);
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in?next=/device");
    const isApproved = field(form, "decision") === "approve";
    const complaint = await signIn.decideDevice(
      field(form, "user_code")
        .replace(/[^A-Za-z0-9]/g, "")
        .toUpperCase(),
      isApproved,
      browserOf(c),
    );
    if (complaint)
      return sendPage(c, {
        title: "That did not work",
        status: 400,
        body: html`<p class="bad" role="alert">${complaint}</p><a class="button quiet" href="/device">Enter another code</a>`,
      });
    await context.audit.record({
      userId: identity.userId,
      action: isApproved ? "device.approved" : "device.refused",
      subject: identity.userId,
      address: c.get("peer").address,
      detail: "farhand-cli",
    });
    return sendPage(c, {
      title: isApproved ? "Your terminal is signed in" : "Turned away",
      body: isApproved
        ? html`<p class="good" role="status">Go on there. You can close this page.</p>
<p class="soft">You can sign it out again on <a href="/signed-in">your account page</a>.</p>`
        : html`<p role="status">Nothing was signed in.</p>`,
    });
  });

  app.get("/consent", async (c) => {
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect(signInAddress(c));
    const member = await context.members.get(identity.userId);
    return sendPage(c, {
      title: "Sign in the Farhand app",
      formTargets: "farhand:",
      body: html`<p>The Farhand app on this device wants to act as <strong>${member?.name || member?.login || ""}</strong>.</p>
<p class="soft">Only go on if you have just opened the app and asked to sign in.</p>
<form method="post" action="/consent">
<input type="hidden" name="query" value="${new URL(c.req.url).search.slice(1)}">
<button name="decision" value="approve">Sign in the app</button>
<button class="quiet" name="decision" value="deny">Not now</button>
</form>`,
    });
  });

  app.post("/consent", async (c) => {
    const form = await formOf(c);
    const identity = await signedIn(c, context);
    if (!identity) return c.redirect("/sign-in");
    const isApproved = field(form, "decision") === "approve";
    try {
      const back = await signIn.decideApp(field(form, "query"), isApproved, browserOf(c));
      await context.audit.record({
        userId: identity.userId,
        action: isApproved ? "app.approved" : "app.refused",
        subject: identity.userId,
        address: c.get("peer").address,
        detail: "farhand-app",
      });
      return c.redirect(back, 303);
    } catch (error) {
      return sendFailure(c, error);
    }
  });

  mountAccountPage(app, context);

  /** A page whose one button uses up a link. */
  function oneTimePage(path: "setup" | "link", words: { title: string; text: Html; button: string }): void {
    const kind: LinkKind = path === "setup" ? "setup" : "sign_in";
    app.get(`/${path}`, async (c) => {
      const token = c.req.query("token") ?? "";
      if (!(await signIn.isGoodLink(kind, token, c.get("peer")))) return usedUp(c);
      return sendPage(c, {
        title: words.title,
        body: html`${words.text}
<form method="post" action="/${path}">
<input type="hidden" name="token" value="${token}">
<input type="hidden" name="next" value="${c.req.query("next") ?? ""}">
<button>${words.button}</button>
</form>`,
      });
    });
    app.post(`/${path}`, async (c) => {
      const form = await formOf(c);
      const step: Step | null = await signIn.open(
        kind,
        field(form, "token"),
        browserOf(c),
        field(form, "next"),
      );
      return step ? follow(c, step) : usedUp(c);
    });
  }
}

/**
 * The same page at the server's own address, for somebody who has come by another name of this very machine: a
 * provider sends people back to the one address that it knows, and the browser has the cookie for the other.
 */
function homeOf(c: C, home: string): string | null {
  const [here, there] = [new URL(c.req.url), new URL(home)];
  if (!c.get("peer").isLoopback || here.host === there.host) return null;
  return `${there.origin}${here.pathname}${here.search}`;
}

function usedUp(c: C): Response | Promise<Response> {
  return sendPage(c, {
    title: "This link does not work any more",
    status: 410,
    body: html`<p>It was used, or its time is over.</p>
<p class="soft">A new one comes from a device that is signed in, from whoever invited you, or, for a server that nobody
owns yet, from starting the server again.</p>
<a class="button quiet" href="/sign-in">Sign in another way</a>`,
  });
}

/**
 * Where to go after signing in. OAuth's own request for it comes with all its parameters, and goes on where it came
 * from, without the signature that was only for this page.
 */
function nextOf(c: C): string {
  const query = new URL(c.req.url).searchParams;
  if (!query.has("client_id")) return query.get("next") ?? "";
  const asked = new URLSearchParams();
  for (const name of OAUTH_PARAMETERS) {
    const value = query.get(name);
    if (value !== null) asked.set(name, value);
  }
  return `/api/auth/oauth2/authorize?${asked}`;
}

const OAUTH_PARAMETERS = [
  "response_type",
  "client_id",
  "redirect_uri",
  "state",
  "code_challenge",
  "code_challenge_method",
];

/** As the terminal shows it. Null for what cannot be a code. */
function codeOf(given: string | undefined): string | null {
  const code = (given ?? "").replace(/[^A-Za-z0-9]/g, "").toUpperCase();
  return code.length === 8 ? `${code.slice(0, 4)}-${code.slice(4)}` : null;
}
