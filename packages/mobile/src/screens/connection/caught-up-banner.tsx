import { useEffect } from "react";
import { strings } from "../../strings/strings.ts";
import { Banner } from "../../ui/banner.tsx";
import { IconButton } from "../../ui/icon-button.tsx";

/** Long enough to be read twice. */
const SHOWN_MS = 10_000;

/** After a time offline: how much has come. It goes by itself; what came is there to be read. */
export function CaughtUpBanner({ events, onDismiss }: { events: number; onDismiss: () => void }) {
  // biome-ignore lint/correctness/useExhaustiveDependencies: a new number is shown for as long as the first was
  useEffect(() => {
    const timer = setTimeout(onDismiss, SHOWN_MS);
    return () => clearTimeout(timer);
  }, [events, onDismiss]);
  return (
    <Banner
      tone="ok"
      text={strings.connection.caughtUp(events)}
      actions={<IconButton icon="close" size={18} label={strings.common.close} onPress={onDismiss} />}
    />
  );
}
