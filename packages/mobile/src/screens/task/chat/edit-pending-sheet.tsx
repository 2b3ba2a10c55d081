import type { PendingRow } from "@farhand/client/app";
import { useState } from "react";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { TextField } from "../../../ui/text-field.tsx";
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
  const [text, setText] = useState(row.text);
  const { edit } = usePendingActions(row);
  return (
    <>
      <TextField label={strings.chat.message} lines={4} autoFocus value={text} onChangeText={setText} />
      <Button
        title={strings.common.save}
        isDisabled={!text.trim()}
        onPress={() => {
          edit(text.trim());
          onClose();
        }}
      />
    </>
  );
}
