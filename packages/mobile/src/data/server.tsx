import {
  type CaughtUp,
  type ConnectionState,
  type Observable,
  type OutboxEntry,
  openServer,
  type ServerStore,
  type TaskListState,
} from "@farhand/client/app";
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from "react";
import { newId } from "../platform/new-id";
import { onPutAway } from "../platform/put-away";
import { onWakeUp } from "../platform/wake-up";
import { type Account, accountKey } from "../session/account.ts";
import { tokenFor } from "../session/auth";
import { useSession } from "../session/session.tsx";
import { strings } from "../strings/strings.ts";
import { toast } from "../ui/toast.tsx";
import { openLocalStore, openTabs } from "./local-store";
import { reasonOf } from "./outbox-words.ts";

const ServerContext = createContext<ServerStore | null>(null);

function open(account: Account): ServerStore {
  const name = accountKey(account);
  const local = openLocalStore(name);
  return openServer({
    baseUrl: account.baseUrl,
    token: tokenFor(account.baseUrl),
    local,
    tabs: openTabs(name, local),
    newId,
  });
}

/** Opens all that is known of the account's server, from the device at once and then live. */
export function ServerProvider({ account, children }: { account: Account; children: ReactNode }) {
  const [server, setServer] = useState<ServerStore | null>(null);
  const session = useSession();

  useEffect(() => {
    const opened = open(account);
    setServer(opened);
    const stopListening = onWakeUp(() => opened.nudge());
    // What was heard is written with a short delay.
    const stopSaving = onPutAway(() => {
      void opened.settled();
      // Nobody may be back before it is old.
      opened.outbox.hurry().catch(() => undefined);
    });
    // Wherever the person is meanwhile. What is still in the outbox says the same where it belongs.
    const stopTelling = opened.outbox.refused((entry) =>
      toast(`${strings.command[entry.command.type]}: ${reasonOf(entry) ?? ""}`),
    );
    const stopWatching = opened.connection.subscribe(() => {
      const { status, problem } = opened.connection.getSnapshot();
      if (status === "refused" && problem?.status === 401) session.ended();
    });
    return () => {
      stopListening();
      stopSaving();
      stopTelling();
      stopWatching();
      void opened.close();
    };
    // The session's own functions stay the same in effect; a new account is what opens another server.
  }, [account, session.ended]);

  return server ? <ServerContext value={server}>{children}</ServerContext> : null;
}

/** For tests, and for parts of the app that bring a server of their own. */
export const GivenServer = ServerContext;

export function useServer(): ServerStore {
  const server = useContext(ServerContext);
  if (!server) throw new Error("there is no ServerProvider above");
  return server;
}

export const useObservable = <T,>(observable: Observable<T>): T =>
  useSyncExternalStore(observable.subscribe, observable.getSnapshot, observable.getSnapshot);

export const useTaskList = (): TaskListState => useObservable(useServer().tasks);
export const useConnection = (): ConnectionState => useObservable(useServer().connection);
export const useOutbox = (): readonly OutboxEntry[] => useObservable(useServer().outbox);
export const useCaughtUp = (): CaughtUp | null => useObservable(useServer().caughtUp);
