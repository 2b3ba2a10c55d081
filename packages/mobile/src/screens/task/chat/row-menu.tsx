import type { ChatRow } from "@farhand/client/app";
import { useState } from "react";
import { share } from "../../../platform/share";
import { strings } from "../../../strings/strings.ts";
import { Button } from "../../../ui/button.tsx";
import { ListGroup, ListRow } from "../../../ui/list-row.tsx";
import { Sheet } from "../../../ui/sheet.tsx";
import { Text } from "../../../ui/text.tsx";
import { useOpenTask } from "../open-task.tsx";
import { copyText } from "./copy-button.tsx";
import { ForkForm } from "./fork-form.tsx";
import { actionsOfRow } from "./row-actions.ts";
import { tellTrouble, useAsk } from "./use-ask.ts";

const { chat: words } = strings;

type Step = { kind: "menu" } | { kind: "roll-back"; turn: number } | { kind: "fork"; turn: number };

/** All that can be done with a row, as plain buttons. What cannot be taken back asks first. */
export function RowMenu({ row, onClose }: { row: ChatRow | null; onClose: () => void }) {
  return row ? <OpenMenu key={row.id} row={row} onClose={onClose} /> : null;
}

function OpenMenu({ row, onClose }: { row: ChatRow; onClose: () => void }) {
  const { view, taskId } = useOpenTask();
  const ask = useAsk();
  const [step, setStep] = useState<Step>({ kind: "menu" });
  const { text, canRetry, rollBackTo, forkFrom } = actionsOfRow(view, row);
  const then = (work: () => void) => () => {
    onClose();
    work();
  };
  if (step.kind === "fork")
    return (
      <Sheet title={words.forkTitle} isOpen onClose={onClose}>
        <ForkForm taskId={taskId} turn={step.turn} onDone={onClose} />
      </Sheet>
    );
  if (step.kind === "roll-back")
    return (
      <Sheet title={words.rollBackTitle} isOpen onClose={onClose}>
        <Text>{words.rollBackText}</Text>
        <Button
          title={step.turn === 0 || row.kind === "user" ? words.rollBackStart : words.rollBack}
          kind="danger"
          icon="undo"
          onPress={then(() => void ask({ type: "roll_back", taskId, turn: step.turn }, words.rollBackSent))}
        />
        <Button title={strings.common.cancel} kind="quiet" onPress={onClose} />
      </Sheet>
    );
  return (
    <Sheet title={words.actions} isOpen onClose={onClose}>
      <ListGroup>
        {text ? (
          <ListRow title={words.copyText} icon="copy" onPress={then(() => void copyText(text))} />
        ) : null}
        {text ? (
          <ListRow
            title={words.share}
            icon="share"
            onPress={then(() => {
              share(text)
                .then((isShared) => (isShared ? undefined : copyText(text)))
                .catch(tellTrouble);
            })}
          />
        ) : null}
        {canRetry ? (
          <ListRow
            title={words.retry}
            icon="refresh"
            onPress={then(() => void ask({ type: "retry", taskId }, strings.tasks.sentRetry))}
          />
        ) : null}
        {rollBackTo === null ? null : (
          <ListRow
            title={row.kind === "user" ? words.rollBackStart : words.rollBack}
            icon="undo"
            onPress={() => setStep({ kind: "roll-back", turn: rollBackTo })}
          />
        )}
        {forkFrom === null ? null : (
          <ListRow title={words.fork} icon="fork" onPress={() => setStep({ kind: "fork", turn: forkFrom })} />
        )}
      </ListGroup>
    </Sheet>
  );
}
