import { type ReactNode, useRef } from "react";
import { Platform, View } from "react-native";
import { AttachButton } from "../../attachments/attach-button.tsx";
import { AttachmentList } from "../../attachments/attachment-list.tsx";
import type { Attaching } from "../../attachments/use-attachments.ts";
import { useGivenFiles } from "../../attachments/use-given-files";
import { useLayout } from "../../layout/use-layout.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toast } from "../../ui/toast.tsx";
import { useDictation } from "./use-dictation";

const { newTask: words } = strings;

/** The prompt, which can be typed, spoken, and given photos and files. */
export function PromptField({
  value,
  onChange,
  attaching,
  children,
}: {
  value: string;
  onChange: (prompt: string) => void;
  attaching: Attaching;
  /** Further buttons. */
  children?: ReactNode;
}) {
  // What is spoken comes later: it is added to what stands there then.
  const latest = useRef(value);
  latest.current = value;
  const append = (text: string) => {
    const before = latest.current;
    onChange(before === "" || /\s$/.test(before) ? `${before}${text}` : `${before} ${text}`);
  };
  const dictation = useDictation(append, () => toast(words.dictationFailed));
  const { isWide } = useLayout();
  const place = useRef<View>(null);
  const isOver = useGivenFiles(place, attaching.add);

  return (
    <View ref={place} style={{ gap: space.s }}>
      <TextField
        label={words.prompt}
        hint={isOver ? strings.attach.dropHere : words.promptHint}
        value={value}
        onChangeText={onChange}
        lines={7}
        // Where there is a keyboard one begins to type. On a phone the keyboard would cover the rest of the form.
        autoFocus={isWide}
        testID="prompt"
      />
      <AttachmentList list={attaching.list} onRemove={attaching.remove} />
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: space.s }}>
        {children}
        <AttachButton attaching={attaching} />
        {dictation ? (
          <Button
            title={dictation.isListening ? words.stopDictating : words.dictate}
            kind="quiet"
            icon={dictation.isListening ? "stop" : "mic"}
            isCompact
            onPress={dictation.toggle}
            testID="dictate"
          />
        ) : null}
      </View>
      {dictation ? null : (
        <Text variant="small" color="soft" testID="no-dictation">
          {Platform.OS === "web" ? strings.dictation.noneInBrowser : strings.dictation.phone}
        </Text>
      )}
    </View>
  );
}
