import { useServer } from "../../../../data/server.tsx";
import { strings } from "../../../../strings/strings.ts";
import { Button } from "../../../../ui/button.tsx";
import { Sheet } from "../../../../ui/sheet.tsx";
import { TextField } from "../../../../ui/text-field.tsx";
import { tellTrouble } from "../use-ask.ts";
import { useDraftField } from "../use-draft-field.ts";

const { chat: words } = strings;

/** Gives a fork that got stuck another prompt, and sends it. */
export function EditFork({ taskId, entryId, prompt }: { taskId: string; entryId: string; prompt: string }) {
  const { outbox } = useServer();
  // Kept at every keystroke, as what is written elsewhere.
  const [text, setText] = useDraftField(taskId, `edit/${entryId}`);
  const close = () => setText(null);
  return (
    <>
      <Button
        title={words.edit}
        label={words.about(words.edit, prompt.slice(0, 60))}
        icon="edit"
        kind="quiet"
        isCompact
        onPress={() => setText(prompt)}
      />
      <Sheet title={words.forkTitle} isOpen={text !== null} onClose={close}>
        <TextField label={words.forkPrompt} lines={4} autoFocus value={text ?? ""} onChangeText={setText} />
        <Button
          title={words.sendAgain}
          icon="send"
          isDisabled={!text?.trim()}
          onPress={() => void outbox.edit(entryId, text?.trim() ?? "").then(close, tellTrouble)}
        />
      </Sheet>
    </>
  );
}
