import type { KeyPurpose } from "@farhand/protocol";
import { useState } from "react";
import { useServer } from "../../data/server.tsx";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;

/** Takes a key, which the server tries before it keeps it. What was typed is gone with the sheet. */
export function KeySheet({
  purpose,
  onClose,
  onKept,
}: {
  purpose: KeyPurpose;
  onClose: () => void;
  onKept: () => void;
}) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  const [key, setKey] = useState("");
  const [baseUrl, setBaseUrl] = useState("");
  const save = () =>
    change(
      () =>
        client.putKey({ purpose, key: key.trim(), ...(baseUrl.trim() ? { baseUrl: baseUrl.trim() } : {}) }),
      onKept,
      words.keySaved,
    );
  return (
    <Sheet title={`${words.addKey}: ${words.keyName[purpose]}`} isOpen onClose={onClose}>
      <TextField
        label={purpose === "model" ? words.keyField : words.tokenField}
        error={error}
        value={key}
        onChangeText={setKey}
        secureTextEntry
        autoComplete="off"
        autoCapitalize="none"
        autoCorrect={false}
        autoFocus
        isMono
      />
      <TextField
        label={words.baseUrlField}
        hint={words.baseUrlHint}
        value={baseUrl}
        onChangeText={setBaseUrl}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
      />
      <Button title={strings.common.save} isBusy={isBusy} isDisabled={key.trim() === ""} onPress={save} />
    </Sheet>
  );
}
