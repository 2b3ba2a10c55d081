import type { Context } from "hono";
import { html } from "hono/html";
import { FarhandError, failure } from "../domain/failure.ts";
import type { Identity } from "../domain/identity.ts";
import type { Browser, Step } from "../domain/sign-in.ts";
import type { ApiContext, ApiEnvironment } from "./context.ts";
import { sendPage } from "./page.ts";

type C = Context<ApiEnvironment>;

export const browserOf = (c: C): Browser => ({ headers: c.req.raw.headers, peer: c.get("peer") });

/**
 * A form that one of our own pages has sent. Browsers name the page's origin with every form, and that it is one of
 * ours has been seen to before; what names none is no browser with a form of ours.
 *
 * @throws FarhandError `origin_refused`, `invalid_request`
 */
export async function formOf(c: C): Promise<URLSearchParams> {
  if (c.req.header("origin") === undefined)
    throw failure(
      "origin_refused",
      "This form must be sent from a page of this server.",
      "Open the page in a browser.",
    );
  if (!c.req.header("content-type")?.startsWith("application/x-www-form-urlencoded"))
    throw failure("invalid_request", "This is not a form.", "Send the form of the page.");
  return new URLSearchParams(await c.req.text());
}

export const field = (form: URLSearchParams, name: string): string => form.get(name) ?? "";

/** Sends the browser on, so that a page that is loaded again asks for nothing twice. */
export function follow(c: C, { location, cookies }: Step): Response {
  for (const cookie of cookies) c.header("set-cookie", cookie, { append: true });
  return c.redirect(location, 303);
}

/** Whoever is signed in in this browser. A token opens no pages. */
export async function signedIn(
  c: C,
  { authenticator }: Pick<ApiContext, "authenticator">,
): Promise<Identity | null> {
  const identity = await authenticator.identify(c.req.raw.headers, c.get("peer"));
  return identity?.via === "cookie" ? identity : null;
}

/** The page to sign in on, from which the way leads back here. */
export function signInAddress(c: C): string {
  const { pathname, search } = new URL(c.req.url);
  return `/sign-in?next=${encodeURIComponent(`${pathname}${search}`)}`;
}

/** What was refused, as a page: whoever is led here has a browser before them. */
export function sendFailure(c: C, error: unknown): Response | Promise<Response> {
  if (!(error instanceof FarhandError)) throw error;
  const { code, message, action } = error.failure;
  return sendPage(c, {
    title: "That did not work",
    status: code === "not_ready" ? 503 : code === "not_found" ? 404 : 403,
    body: html`<p class="bad" role="alert">${message}</p><p>${action}</p>
<a class="button quiet" href="/signed-in">Back</a>`,
  });
}
