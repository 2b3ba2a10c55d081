import { useEffect, useState } from "react";
import { copy } from "../../../platform/clipboard";
import { strings } from "../../../strings/strings.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { toast } from "../../../ui/toast.tsx";

/** Puts the text into the clipboard, and says so. */
export async function copyText(text: string): Promise<boolean> {
  const isCopied = await copy(text);
  toast(isCopied ? strings.common.copied : strings.chat.notCopied);
  return isCopied;
}

const SHOWN_MS = 2_000;

/** @param text made when it is wanted, where making it takes time */
export function CopyButton({ text, label }: { text: string | (() => string); label: string }) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [isDone]);
  return (
    <IconButton
      icon={isDone ? "check" : "copy"}
      size={17}
      color={isDone ? "ok" : "soft"}
      label={label}
      onPress={() => void copyText(typeof text === "string" ? text : text()).then(setDone)}
    />
  );
}
