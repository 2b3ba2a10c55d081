import { type ReactNode, useRef } from "react";
import { View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { toast } from "../../ui/toast.tsx";
import { withFile } from "./attached-file.ts";
import { pickTextFile } from "./pick-text-file";
import { useDictation } from "./use-dictation";

const { newTask: words } = strings;

/** The prompt, which can be typed, spoken, and given text files. */
export function PromptField({
  value,
  onChange,
  children,
}: {
  value: string;
  onChange: (prompt: string) => void;
  /** Further buttons. */
  children?: ReactNode;
}) {
  // What is spoken or read from a file comes later: it is added to what stands there then.
  const latest = useRef(value);
  latest.current = value;
  const append = (text: string) => {
    const before = latest.current;
    onChange(before === "" || /\s$/.test(before) ? `${before}${text}` : `${before} ${text}`);
  };
  const dictation = useDictation(append, () => toast(words.dictationFailed));

  const attach = async () => {
    const picked = await pickTextFile();
    if (picked === null) return;
    if (picked.status === "ok") {
      onChange(withFile(latest.current, picked));
      toast(words.attached(picked.name));
    } else
      toast(picked.status === "binary" ? words.attachBinary(picked.name) : words.attachTooLarge(picked.name));
  };

  return (
    <View style={{ gap: space.s }}>
      <TextField
        label={words.prompt}
        hint={words.promptHint}
        value={value}
        onChangeText={onChange}
        lines={7}
        testID="prompt"
      />
      <View style={{ flexDirection: "row", flexWrap: "wrap", gap: space.s }}>
        {children}
        <Button title={words.attach} kind="quiet" icon="attach" isCompact onPress={() => void attach()} />
        {dictation ? (
          <Button
            title={dictation.isListening ? words.stopDictating : words.dictate}
            kind="quiet"
            icon={dictation.isListening ? "stop" : "mic"}
            isCompact
            onPress={dictation.toggle}
          />
        ) : null}
      </View>
    </View>
  );
}
