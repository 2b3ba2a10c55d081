import { ApiError, createAppClient } from "@farhand/client/app";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useState } from "react";
import { newId } from "../platform/new-id";
import { currentPlace } from "../platform/place";
import { type Account, keepAccount, keptAccount } from "./account.ts";
import { forgetSignIn, homeServer, type SignInRequest, signInWith, signOutOf, tokenFor } from "./auth";

import { forgetPlace, wantPlace } from "./wanted-place.ts";

/** `ended`: the server does not know this device any more. `offline`: it could not be asked. */
export type WhySignedOut = "never" | "ended" | "offline";

export type SessionState =
  | { status: "checking" }
  | { status: "signed-out"; why: WhySignedOut }
  | { status: "signed-in"; account: Account };

export interface Session {
  state: SessionState;
  /** @returns false when the person has turned back. @throws ApiError, UnreachableError */
  signIn(request: SignInRequest): Promise<boolean>;
  /**
   * Asks the server first: a sign-in that only this device has forgotten would still hold.
   * @param forget removes what the device keeps of the account
   * @param isHereOnly leaves the server out
   * @returns false where the server could not be told; then nothing has changed
   */
  signOut(forget: () => Promise<void>, isHereOnly: boolean): Promise<boolean>;
  /** The server refuses this sign-in. What the device keeps stays, for when the person is back. */
  ended(): void;
  /** Asks again who is signed in. */
  check(): void;
}

const SessionContext = createContext<Session | null>(null);

async function whoAt(baseUrl: string): Promise<Account> {
  const client = createAppClient({ baseUrl, token: tokenFor(baseUrl), newId });
  const { userId, login, name, role } = await client.me();
  return { baseUrl, userId, login, name, role };
}

export function SessionProvider({ children }: { children: ReactNode }) {
  const [state, setState] = useState<SessionState>(() => {
    const account = keptAccount();
    return account ? { status: "signed-in", account } : { status: "checking" };
  });

  const enter = useCallback((account: Account) => {
    keepAccount(account);
    setState((before) =>
      // The same person as before: nothing is opened anew.
      before.status === "signed-in" && JSON.stringify(before.account) === JSON.stringify(account)
        ? before
        : { status: "signed-in", account },
    );
  }, []);

  const leave = useCallback((why: WhySignedOut) => {
    keepAccount(null);
    const place = currentPlace();
    if (place !== null) wantPlace(place);
    setState({ status: "signed-out", why });
  }, []);

  const check = useCallback(() => {
    const kept = keptAccount();
    const baseUrl = kept?.baseUrl ?? homeServer();
    if (baseUrl === null) return leave("never");
    whoAt(baseUrl).then(enter, (error: unknown) => {
      if (error instanceof ApiError && error.status === 401) leave(kept ? "ended" : "never");
      // Offline, whoever was signed in goes on with what the device keeps.
      else if (!kept) setState({ status: "signed-out", why: "offline" });
    });
  }, [enter, leave]);

  useEffect(check, [check]);

  const ended = useCallback(() => leave("ended"), [leave]);

  const session = useMemo<Session>(
    () => ({
      state,
      check,
      async signIn(request) {
        if (!(await signInWith(request))) return false;
        enter(await whoAt(request.baseUrl));
        return true;
      },
      async signOut(forget, isHereOnly) {
        const account = state.status === "signed-in" ? state.account : null;
        if (account && !isHereOnly) {
          try {
            await signOutOf(account.baseUrl);
          } catch {
            // Whatever the reason is, the person can do the same about it.
            return false;
          }
        }
        await forget();
        if (account) await forgetSignIn(account.baseUrl);
        leave("never");
        // Whoever signs in next begins at the beginning.
        forgetPlace();
        return true;
      },
      ended,
    }),
    [state, check, ended, enter, leave],
  );
  return <SessionContext value={session}>{children}</SessionContext>;
}

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("there is no SessionProvider above");
  return session;
}
