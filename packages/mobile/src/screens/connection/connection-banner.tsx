import { useConnection, useServer } from "../../data/server.tsx";
import { useNow } from "../../data/use-now.ts";
import { reload } from "../../platform/reload";
import { strings } from "../../strings/strings.ts";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";

const { connection: words } = strings;

/** Says that what is seen may be old, and when the next try is. Nothing while all is well. */
export function ConnectionBanner() {
  const { connection } = useServer();
  const { status, nextRetryAtMs, problem } = useConnection();
  const now = useNow(1_000);
  if (status !== "offline" && status !== "refused") return null;
  const seconds = nextRetryAtMs === null ? null : Math.max(0, Math.ceil((nextRetryAtMs - now) / 1000));
  const isRefused = status === "refused";
  if (isRefused && problem?.code === "unsupported_protocol")
    return (
      <Banner
        tone="danger"
        text={words.otherVersion}
        detail={reload ? undefined : words.updateApp}
        actions={
          <Button
            title={reload ? words.reload : words.retry}
            kind="quiet"
            isCompact
            onPress={reload ?? (() => connection.retryNow())}
          />
        }
      />
    );
  return (
    <Banner
      tone={isRefused ? "danger" : "warn"}
      icon="offline"
      text={isRefused ? (problem?.detail ?? words.refusedBanner) : words.offlineBanner}
      detail={
        isRefused
          ? problem?.action
          : seconds === null
            ? undefined
            : `${words.nextTry} ${strings.time.inSeconds(seconds)}`
      }
      actions={<Button title={words.retry} kind="quiet" isCompact onPress={() => connection.retryNow()} />}
    />
  );
}
