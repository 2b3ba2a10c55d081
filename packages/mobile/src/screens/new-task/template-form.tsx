import { useState } from "react";
import { StyleSheet, View } from "react-native";
import type { Template } from "../../prefs/preferences.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/text-field.tsx";

const { newTask: words } = strings;

/** Changes a template of the person's own. */
export function TemplateForm({
  template,
  onSave,
  onCancel,
}: {
  template: Template;
  onSave: (changed: Template) => void;
  onCancel: () => void;
}) {
  const [title, setTitle] = useState(template.title);
  const [prompt, setPrompt] = useState(template.prompt);
  const isWhole = title.trim() !== "" && prompt.trim() !== "";
  return (
    <View style={styles.form}>
      <TextField label={words.templateTitle} value={title} onChangeText={setTitle} maxLength={60} />
      <TextField label={words.templatePrompt} lines={5} autoFocus value={prompt} onChangeText={setPrompt} />
      <Button
        title={strings.common.save}
        isDisabled={!isWhole}
        onPress={() => onSave({ title: title.trim(), prompt })}
      />
      <Button title={strings.common.cancel} kind="quiet" onPress={onCancel} />
    </View>
  );
}

const styles = StyleSheet.create({ form: { gap: space.m } });
