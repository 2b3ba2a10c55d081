import { useState } from "react";
import { useServer } from "../../../data/server.tsx";
import { newId } from "../../../platform/new-id";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useChange } from "../use-change.ts";

const { notifications: words } = strings;
const PUBLIC_SERVER = "https://ntfy.sh";
/** As the server has them; it has the last word. */
const TOPIC = /^[A-Za-z0-9_-]{1,64}$/;
const TOKEN = /^[\x21-\x7e]+$/;

function isAddress(text: string): boolean {
  try {
    const { protocol, username, password, hash } = new URL(text);
    return /^https?:$/.test(protocol) && username + password + hash === "";
  } catch {
    return false;
  }
}

interface Form {
  server: string;
  topic: string;
  token: string;
}

function wrongIn({ server, topic, token }: Form): Partial<Record<keyof Form, string>> {
  return {
    ...(isAddress(server) ? {} : { server: words.badServer }),
    ...(TOPIC.test(topic) ? {} : { topic: words.badTopic }),
    ...(token === "" || TOKEN.test(token) ? {} : { token: words.badToken }),
  };
}

/** A topic of an ntfy server, of which the person's own devices hear by the ntfy app. */
export function NtfySheet({ onClose, onAdded }: { onClose: () => void; onAdded: () => void }) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  const [form, setForm] = useState<Form>(() => ({
    server: PUBLIC_SERVER,
    topic: `farhand-${newId().replaceAll("-", "").slice(0, 16)}`,
    token: "",
  }));
  const [wrong, setWrong] = useState<ReturnType<typeof wrongIn>>({});
  const set = (key: keyof Form) => (text: string) => setForm((before) => ({ ...before, [key]: text }));
  const add = () => {
    const given = { server: form.server.trim(), topic: form.topic.trim(), token: form.token.trim() };
    const found = wrongIn(given);
    setWrong(found);
    if (Object.keys(found).length > 0) return;
    const { server, topic, token } = given;
    change(
      () =>
        client.registerDevice({
          label: `ntfy: ${topic}`,
          target: { channel: "ntfy", server, topic, accessToken: token || null },
        }),
      onAdded,
      words.added,
    );
  };
  const plain = { autoCapitalize: "none", autoCorrect: false, onSubmitEditing: add } as const;
  return (
    <Sheet title={words.addNtfy} isOpen onClose={onClose}>
      <Text color="soft">{words.ntfyText}</Text>
      <TextField
        label={words.ntfyServer}
        error={wrong.server ?? null}
        value={form.server}
        onChangeText={set("server")}
        inputMode="url"
        {...plain}
      />
      <TextField
        label={words.ntfyTopic}
        error={wrong.topic ?? null}
        value={form.topic}
        onChangeText={set("topic")}
        isMono
        {...plain}
      />
      <TextField
        label={words.ntfyToken}
        hint={words.ntfyTokenHint}
        error={wrong.token ?? null}
        value={form.token}
        onChangeText={set("token")}
        secureTextEntry
        autoComplete="off"
        isMono
        {...plain}
      />
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
      <Button title={words.add} isBusy={isBusy} onPress={add} />
    </Sheet>
  );
}
