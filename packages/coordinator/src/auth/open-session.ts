import type { BetterAuthPlugin } from "better-auth";
import { createAuthEndpoint } from "better-auth/api";
import { setSessionCookie } from "better-auth/cookies";
import { z } from "zod";

/** Signs a browser in whose right to it was found out by other ways, such as a link. No address leads here. */
export const openSession = {
  id: "farhand-open-session",
  endpoints: {
    openSession: createAuthEndpoint(
      "/farhand/open-session",
      { method: "POST", body: z.object({ userId: z.string() }), metadata: { SERVER_ONLY: true } },
      async (context) => {
        const { internalAdapter } = context.context;
        const user = await internalAdapter.findUserById(context.body.userId);
        if (!user) return context.json({ id: null });
        const session = await internalAdapter.createSession(user.id);
        await setSessionCookie(context, { session, user });
        return context.json({ id: session.id });
      },
    ),
  },
} satisfies BetterAuthPlugin;
