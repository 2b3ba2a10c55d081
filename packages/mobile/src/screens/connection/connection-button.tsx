import { useState } from "react";
import { useConnection } from "../../data/server.tsx";
import { strings } from "../../strings/strings.ts";
import { IconButton } from "../../ui/icon-button.tsx";
import { ConnectionSheet } from "./connection-sheet.tsx";

/** Shows at a glance whether what is seen is live; pressed, it says more. */
export function ConnectionButton() {
  const { status } = useConnection();
  const [isOpen, setOpen] = useState(false);
  const isLive = status === "live";
  const color = isLive ? "ok" : status === "connecting" || status === "stopped" ? "soft" : "danger";
  return (
    <>
      <IconButton
        icon={isLive || status === "connecting" ? "online" : "offline"}
        color={color}
        label={`${strings.connection.open}: ${strings.connection[status]}`}
        onPress={() => setOpen(true)}
      />
      <ConnectionSheet isOpen={isOpen} onClose={() => setOpen(false)} />
    </>
  );
}
