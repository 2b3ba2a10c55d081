import type { ChatRow } from "@farhand/client/app";
import { useEffect, useRef, useState } from "react";
import { AccessibilityInfo, Platform, StyleSheet } from "react-native";
import { feel } from "../../../platform/haptics";
import { Text } from "../../../ui/text.tsx";
import { latestAnnouncement } from "./announcements.ts";

/** Tells screen readers, and the hand, how a turn ended and what is asked. What was there before is old news. */
export function Announcer({
  rows,
  seq,
  isLive,
}: {
  rows: readonly ChatRow[];
  /** Of the last event that the view shows. */
  seq: number;
  /** All that came while the device was away is here. */
  isLive: boolean;
}) {
  const told = useRef<number | null>(null);
  const [text, setText] = useState("");
  useEffect(() => {
    const before = told.current;
    if (!isLive) return;
    told.current = seq;
    if (before === null || seq === before) return;
    const found = latestAnnouncement(rows, before);
    if (!found) return;
    setText(found.text);
    feel(found.feel);
    if (Platform.OS !== "web") AccessibilityInfo.announceForAccessibility(found.text);
  }, [rows, seq, isLive]);
  return (
    <Text role="status" aria-live="polite" testID="announcer" style={styles.unseen}>
      {text}
    </Text>
  );
}

const styles = StyleSheet.create({
  unseen: { position: "absolute", width: 1, height: 1, overflow: "hidden", opacity: 0.01 },
});
