import type { Observable, TaskListState } from "@farhand/client/app";
import { type Href, useRouter } from "expo-router";
import { useEffect, useRef } from "react";
import { useConnection, useServer } from "../data/server.tsx";
import { troubleOf } from "../data/trouble.ts";
import { toast } from "../ui/toast.tsx";
import { pushChannel } from "./push-channel";
import { reactionOf } from "./reaction.ts";
import { onTap } from "./taps";
import { renew } from "./this-device.ts";

/** Whether the path leads to a task of whoever is signed in. What the device does not know, the server may. */
function knows(tasks: Observable<TaskListState>, path: string): Promise<boolean> {
  const taskId = /^\/task\/(\w+)/.exec(path)?.[1];
  return new Promise((resolve) => {
    const look = () => {
      const { tasks: known, status } = tasks.getSnapshot();
      const isKnown = known.some(({ id }) => id === taskId);
      if (!isKnown && status !== "live") return false;
      resolve(isKnown);
      return true;
    };
    if (look()) return;
    const end = tasks.subscribe(() => {
      if (look()) end();
    });
  });
}

/** While somebody is signed in: does what was tapped, and keeps the server knowing where this device is reached. */
export function NotificationsHost() {
  const { outbox, client, tasks } = useServer();
  const { status } = useConnection();
  const router = useRouter();
  useEffect(
    () =>
      onTap(async ({ pushed, actionId, text, tried }) => {
        const reaction = reactionOf(pushed, actionId, text);
        if (reaction.type === "nothing") return;
        // It may have waited since somebody else was signed in.
        if (tried && !(await knows(tasks, reaction.path))) return;
        router.navigate(reaction.path as Href);
        if (reaction.type !== "ask") return;
        const before = tried && { id: tried.key, askedAtMs: tried.atMs, mayHaveArrived: true };
        try {
          await outbox.add(reaction.command, before);
        } catch (error) {
          toast(troubleOf(error).title);
          throw error;
        }
      }),
    [outbox, tasks, router],
  );
  const isRenewed = useRef(false);
  const isLive = status === "live";
  useEffect(() => {
    if (!isLive || isRenewed.current) return;
    isRenewed.current = true;
    renew({ client, push: pushChannel }).catch(() => {
      // With the next connection.
      isRenewed.current = false;
    });
  }, [isLive, client]);
  return null;
}
