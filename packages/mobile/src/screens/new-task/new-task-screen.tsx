import type { NewTaskDraft } from "@farhand/client/app";
import { PROMPT_MAX_BYTES } from "@farhand/protocol/constants";
import { useRouter } from "expo-router";
import { useState } from "react";
import { View } from "react-native";
import { useAttachments } from "../../attachments/use-attachments.ts";
import { useObservable, useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { feel } from "../../platform/haptics";
import { useShortcut } from "../../shortcuts/shortcuts.tsx";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Banner } from "../../ui/banner.tsx";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { Screen } from "../../ui/screen.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { ConnectionBanner } from "../connection/connection-banner.tsx";
import { attachedTo, draftProblem, NONE_WRONG, taskOfDraft } from "./draft.ts";
import { OptionsGroup } from "./options-group.tsx";
import { PromptField } from "./prompt-field.tsx";
import { RepositoryField } from "./repository-field.tsx";
import { TemplatesButton } from "./templates-sheet.tsx";
import { useDiscard } from "./use-discard.ts";

const { newTask: words } = strings;

/** Everything that a new task is made of. What is written is on the device with every keystroke. */
export function NewTaskScreen() {
  const router = useRouter();
  const server = useServer();
  const draft = useObservable(server.drafts.newTask());
  const [isTried, setTried] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const [wrongAmounts, setWrongAmounts] = useState(NONE_WRONG);
  const problem = draftProblem(draft, PROMPT_MAX_BYTES, wrongAmounts);
  const change = (part: Partial<NewTaskDraft>) => server.drafts.setNewTask(part);
  const attaching = useAttachments(draft.attachments, (attachments) => change({ attachments }));
  const { discard, undo, canUndo } = useDiscard(draft);
  const leave = () => (router.canGoBack() ? router.back() : router.replace("/"));

  const start = () => {
    setTried(true);
    if (problem || isBusy) return;
    setBusy(true);
    server.outbox.add({ type: "create_task", task: taskOfDraft(draft), ...attachedTo(draft) }).then(
      () => {
        // It is kept in the outbox from here on: the form may clear.
        server.drafts.clearNewTask(draft);
        feel("sent");
        if (server.connection.getSnapshot().status !== "live") toast(words.sentOffline);
        // Back to the list that is below, and no second one above it.
        router.dismissTo("/");
      },
      (error: unknown) => {
        setBusy(false);
        toast(troubleOf(error).title);
      },
    );
  };
  useShortcut("send", start);

  return (
    <Screen
      title={words.title}
      onBack={leave}
      isForm
      banner={
        <>
          <ConnectionBanner />
          {canUndo ? (
            <Banner
              text={words.discarded}
              icon="trash"
              actions={
                <Button title={strings.common.undo} kind="quiet" icon="undo" isCompact onPress={undo} />
              }
            />
          ) : null}
        </>
      }
      actions={
        draft.prompt !== "" || draft.attachments.length > 0 ? (
          <IconButton
            icon="trash"
            label={words.discard}
            onPress={() => {
              discard();
              setWrongAmounts(NONE_WRONG);
            }}
          />
        ) : null
      }
      footer={
        <View style={{ gap: space.s }}>
          {isTried && problem ? (
            <Text role="alert" variant="small" color="danger">
              {problem.text}
            </Text>
          ) : null}
          <Button title={words.start} icon="send" isBusy={isBusy} onPress={start} testID="start-task" />
        </View>
      }
    >
      <RepositoryField value={draft.repository} onChange={(repository) => change({ repository })} />
      <PromptField value={draft.prompt} onChange={(prompt) => change({ prompt })} attaching={attaching}>
        <TemplatesButton prompt={draft.prompt} onChosen={(prompt) => change({ prompt })} />
      </PromptField>
      <OptionsGroup
        draft={draft}
        onChange={change}
        wrongAmounts={wrongAmounts}
        onWrongAmounts={setWrongAmounts}
      />
    </Screen>
  );
}
