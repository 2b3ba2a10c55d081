import type { PendingRow } from "@farhand/client/app";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { TextField } from "../../../ui/text-field.tsx";
import { useOpenTask } from "../open-task.tsx";
import { useDraftField } from "./use-draft-field.ts";
import { usePendingActions } from "./use-pending-actions.ts";

/** Changes a message that the agent does not have yet. */
export function EditPendingSheet({ row, onClose }: { row: PendingRow | null; onClose: () => void }) {
  return (
    <Sheet title={strings.chat.editTitle} isOpen={row !== null} onClose={onClose}>
      {row ? <Form key={row.id} row={row} onClose={onClose} /> : null}
    </Sheet>
  );
}

function Form({ row, onClose }: { row: PendingRow; onClose: () => void }) {
  const { taskId } = useOpenTask();
  const [draft, setDraft] = useDraftField(taskId, `edit/${row.id}`);
  const text = draft ?? row.text;
  const { edit } = usePendingActions(row);
  return (
    <>
      <TextField label={strings.chat.message} lines={4} autoFocus value={text} onChangeText={setDraft} />
      <Button
        title={strings.common.save}
        isDisabled={!text.trim()}
        onPress={() => {
          void edit(text.trim()).then((isKept) => {
            if (!isKept) return;
            setDraft(null);
            onClose();
          });
        }}
      />
    </>
  );
}
