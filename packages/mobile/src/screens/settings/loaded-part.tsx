import type { ReactNode } from "react";
import type { Kept } from "../../data/use-kept.ts";
import { useNow } from "../../data/use-now.ts";
import { ago } from "../../format/time.ts";
import { strings } from "../../strings/strings.ts";
import { Banner } from "../../ui/banner.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";

/** What the server was asked for: on its way, there, as it was said last time, or why not. */
export function LoadedPart<T>({ of, children }: { of: Kept<T>; children: (value: T) => ReactNode }) {
  const now = useNow();
  if (of.value !== null)
    return (
      <>
        {of.keptAtMs !== null && of.trouble ? (
          <Banner isCard tone="warn" icon="offline" text={strings.settings.kept(ago(of.keptAtMs, now))} />
        ) : null}
        {children(of.value)}
      </>
    );
  if (!of.trouble) return <Skeleton rows={3} />;
  const { title, action } = of.trouble;
  return (
    <ErrorState
      trouble={{ title: strings.settings.loadFailed, action: `${title} ${action}` }}
      onRetry={of.reload}
    />
  );
}
