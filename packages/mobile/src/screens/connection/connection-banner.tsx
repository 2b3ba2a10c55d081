import { useConnection, useServer } from "../../data/server.tsx";
import { useNow } from "../../data/use-now.ts";
import { strings } from "../../strings/strings.ts";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";

/** Says that what is seen may be old, and when the next try is. Nothing while all is well. */
export function ConnectionBanner() {
  const { connection } = useServer();
  const { status, nextRetryAtMs, problem } = useConnection();
  const now = useNow(1_000);
  if (status !== "offline" && status !== "refused") return null;
  const seconds = nextRetryAtMs === null ? null : Math.max(0, Math.ceil((nextRetryAtMs - now) / 1000));
  const isRefused = status === "refused";
  return (
    <Banner
      tone={isRefused ? "danger" : "warn"}
      icon="offline"
      text={
        isRefused ? (problem?.detail ?? strings.connection.refusedBanner) : strings.connection.offlineBanner
      }
      detail={
        isRefused
          ? problem?.action
          : seconds === null
            ? undefined
            : `${strings.connection.nextTry} ${strings.time.inSeconds(seconds)}`
      }
      actions={
        <Button
          title={strings.connection.retry}
          kind="quiet"
          isCompact
          onPress={() => connection.retryNow()}
        />
      }
    />
  );
}
