import { useRef, useState } from "react";
import { StyleSheet, TextInput, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { AttachButton } from "../../../../attachments/attach-button.tsx";
import { AttachmentList } from "../../../../attachments/attachment-list.tsx";
import { useAttachments } from "../../../../attachments/use-attachments.ts";
import { useGivenFiles } from "../../../../attachments/use-given-files";
import { useObservable, useServer } from "../../../../data/server.tsx";
import { useLayout } from "../../../../layout/use-layout.ts";
import { useShortcut } from "../../../../shortcuts/shortcuts.tsx";
import { strings } from "../../../../strings/strings.ts";
import { font } from "../../../../theme/font.ts";
import { useStyles, useTheme } from "../../../../theme/theme.tsx";
import { type Palette, READING_WIDTH, radius, space, TARGET } from "../../../../theme/tokens.ts";
import { IconButton } from "../../../../ui/icon-button.tsx";
import { Text } from "../../../../ui/text.tsx";
import { useAsk } from "../use-ask.ts";
import { composerKey } from "./composer-keys.ts";

const { chat: words } = strings;

/** As browsers tell of a key. */
interface PressedKey {
  key: string;
  shiftKey?: boolean;
  ctrlKey?: boolean;
  metaKey?: boolean;
  isComposing?: boolean;
}

/**
 * Writes to the agent. Each keystroke is kept on the device, and the text goes only when the outbox has it. Stop stays
 * beside it while the agent works.
 */
export function Composer({
  taskId,
  isWorking,
  isStopping,
  closed,
}: {
  taskId: string;
  isWorking: boolean;
  isStopping: boolean;
  /** Why nothing can be written; null where it can. */
  closed: string | null;
}) {
  const styles = useStyles(sheet);
  const { colors } = useTheme();
  const { isWide } = useLayout();
  const { bottom } = useSafeAreaInsets();
  const { drafts } = useServer();
  const { text, attachments } = useObservable(drafts.task(taskId));
  const attaching = useAttachments(attachments, (list) => drafts.setAttachments(taskId, list));
  const place = useRef<View>(null);
  const isOver = useGivenFiles(place, attaching.add);
  const isReady = text.trim() !== "" || attachments.length > 0;
  const ask = useAsk();
  const field = useRef<TextInput>(null);
  const [isFocused, setFocused] = useState(false);
  const isSending = useRef(false);

  const send = () => {
    if (!isReady || isSending.current) return;
    isSending.current = true;
    const message = text.trim() || strings.attach.look;
    const more = attachments.length > 0 ? { attachments } : {};
    void ask({ type: "send_message", taskId, text: message, ...more }).then((entry) => {
      isSending.current = false;
      if (entry) drafts.sent(taskId, { text, attachments });
    });
  };
  useShortcut("send", send, isFocused);

  if (closed)
    return (
      <View style={[styles.bar, styles.closed, { paddingBottom: space.m + bottom }]}>
        <Text color="soft">{closed}</Text>
      </View>
    );
  return (
    <View ref={place} style={[styles.bar, { paddingBottom: space.s + bottom }]}>
      {attachments.length > 0 ? (
        <View style={[styles.column, styles.attached]}>
          <AttachmentList list={attachments} onRemove={attaching.remove} />
        </View>
      ) : null}
      <View style={styles.column}>
        <AttachButton attaching={attaching} isIcon />
        <View style={[styles.box, isFocused || isOver ? styles.focused : null]}>
          <TextInput
            ref={field}
            testID="composer"
            aria-label={words.composer}
            placeholder={isOver ? strings.attach.dropHere : isWorking ? words.steerHint : words.nextHint}
            placeholderTextColor={colors.soft}
            multiline
            numberOfLines={lines(text)}
            value={text}
            onChangeText={(next) => drafts.setText(taskId, next)}
            onFocus={() => setFocused(true)}
            onBlur={() => setFocused(false)}
            onKeyPress={(event) => {
              const { key, shiftKey, ctrlKey, metaKey, isComposing } = event.nativeEvent as PressedKey;
              const what = composerKey(
                {
                  key,
                  hasShift: shiftKey === true,
                  hasCommand: ctrlKey === true || metaKey === true,
                  isComposing: isComposing === true,
                },
                isWide,
              );
              if (what === null) return;
              event.preventDefault?.();
              if (what === "send") send();
              else field.current?.blur();
            }}
            style={[font("body"), styles.input]}
          />
        </View>
        {isWorking ? (
          <IconButton
            icon="stop"
            color="danger"
            label={isStopping ? words.stopping : words.stop}
            disabled={isStopping}
            testID="stop"
            onPress={() => void ask({ type: "stop", taskId }, strings.tasks.sentStop)}
          />
        ) : null}
        <View style={[styles.send, isReady ? null : styles.idle]}>
          <IconButton
            icon="send"
            color={isReady ? "onAccent" : "soft"}
            label={words.send}
            disabled={!isReady}
            testID="send"
            onPress={send}
          />
        </View>
      </View>
    </View>
  );
}

/** Lines that the field is high, up to eight. */
const lines = (text: string): number =>
  Math.min(8, Math.max(1, text.split("\n").length, Math.ceil(text.length / 60)));

const sheet = (colors: Palette) =>
  StyleSheet.create({
    bar: {
      backgroundColor: colors.surface,
      borderTopWidth: 1,
      borderTopColor: colors.line,
      paddingHorizontal: space.m,
      paddingTop: space.s,
    },
    closed: { alignItems: "center", paddingTop: space.m },
    column: {
      flexDirection: "row",
      alignItems: "flex-end",
      gap: space.xs,
      width: "100%",
      maxWidth: READING_WIDTH + 80,
      alignSelf: "center",
    },
    attached: { paddingTop: space.s, paddingBottom: space.m },
    box: {
      flex: 1,
      minWidth: 0,
      backgroundColor: colors.page,
      borderWidth: 1,
      borderColor: colors.edge,
      borderRadius: radius.l,
    },
    focused: { borderColor: colors.accent, boxShadow: `0 0 0 1px ${colors.accent}` },
    input: {
      minHeight: TARGET - 2,
      maxHeight: 200,
      paddingHorizontal: space.m,
      paddingVertical: 9,
      color: colors.text,
      outlineWidth: 0,
    },
    send: { borderRadius: radius.m, backgroundColor: colors.accent },
    idle: { backgroundColor: "transparent" },
  });
