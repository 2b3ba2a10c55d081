import { forkField } from "../../../data/discard-command.ts";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Text } from "../../../ui/text.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useAsk } from "./use-ask.ts";
import { useDraftField } from "./use-draft-field.ts";

const { chat: words } = strings;

/** What the fork should do. It starts through the outbox, so that it can be asked for offline as well. */
export function ForkForm({ taskId, turn, onDone }: { taskId: string; turn: number; onDone: () => void }) {
  const ask = useAsk();
  const [draft, setDraft] = useDraftField(taskId, forkField(turn));
  const prompt = draft ?? "";
  return (
    <>
      <Text color="soft">{words.forkText}</Text>
      <TextField label={words.forkPrompt} lines={4} autoFocus value={prompt} onChangeText={setDraft} />
      <Button
        title={words.forkStart}
        icon="fork"
        isDisabled={!prompt.trim()}
        onPress={() => {
          void ask({ type: "fork", taskId, fork: { turn, prompt: prompt.trim() } }, words.forkSent).then(
            (entry) => {
              if (!entry) return;
              setDraft(null);
              onDone();
            },
          );
        }}
      />
    </>
  );
}
