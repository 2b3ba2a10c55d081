import { AttachButton } from "../../../attachments/attach-button.tsx";
import { AttachmentList } from "../../../attachments/attachment-list.tsx";
import { useAttachments } from "../../../attachments/use-attachments.ts";
import { forkField } from "../../../data/discard-command.ts";
import { useObservable, useServer } from "../../../data/server.tsx";
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
  const { drafts } = useServer();
  const name = forkField(turn);
  const [draft, setDraft] = useDraftField(taskId, name);
  const prompt = draft ?? "";
  const attachments = useObservable(drafts.task(taskId)).files[name] ?? [];
  const attaching = useAttachments(attachments, (list) => drafts.setFiles(taskId, name, list));
  return (
    <>
      <Text color="soft">{words.forkText}</Text>
      <TextField label={words.forkPrompt} lines={4} autoFocus value={prompt} onChangeText={setDraft} />
      <AttachmentList list={attachments} onRemove={attaching.remove} />
      <AttachButton attaching={attaching} />
      <Button
        title={words.forkStart}
        icon="fork"
        isDisabled={!prompt.trim()}
        onPress={() => {
          const fork = { turn, prompt: prompt.trim() };
          const more = attachments.length > 0 ? { attachments } : {};
          void ask({ type: "fork", taskId, fork, ...more }, words.forkSent).then((entry) => {
            if (!entry) return;
            setDraft(null);
            drafts.setFiles(taskId, name, []);
            onDone();
          });
        }}
      />
    </>
  );
}
