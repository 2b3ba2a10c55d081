import type { ReactNode } from "react";
import type { Loaded } from "../../data/use-loaded.ts";
import { strings } from "../../strings/strings.ts";
import { ErrorState } from "../../ui/error-state.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";

/** What the server was asked for: on its way, there, or why not. */
export function LoadedPart<T>({ of, children }: { of: Loaded<T>; children: (value: T) => ReactNode }) {
  if (of.value !== null) return <>{children(of.value)}</>;
  if (!of.trouble) return <Skeleton rows={3} />;
  const { title, action } = of.trouble;
  return (
    <ErrorState
      trouble={{ title: strings.settings.loadFailed, action: `${title} ${action}` }}
      onRetry={of.reload}
    />
  );
}
