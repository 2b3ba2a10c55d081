import { type Href, useRouter } from "expo-router";
import { useEffect, useRef } from "react";
import { useConnection, useServer } from "../data/server.tsx";
import { troubleOf } from "../data/trouble.ts";
import { toast } from "../ui/toast.tsx";
import { pushChannel } from "./push-channel";
import { reactionOf } from "./reaction.ts";
import { onTap } from "./taps";
import { renew } from "./this-device.ts";

/** While somebody is signed in: does what was tapped, and keeps the server knowing where this device is reached. */
export function NotificationsHost() {
  const { outbox, client } = useServer();
  const { status } = useConnection();
  const router = useRouter();
  useEffect(
    () =>
      onTap(async ({ pushed, actionId, text, tried }) => {
        const reaction = reactionOf(pushed, actionId, text);
        if (reaction.type === "nothing") return;
        router.navigate(reaction.path as Href);
        if (reaction.type === "ask")
          await outbox
            .add(reaction.command, tried && { id: tried.key, askedAtMs: tried.atMs, mayHaveArrived: true })
            .catch((error: unknown) => toast(troubleOf(error).title));
      }),
    [outbox, router],
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
