import { useRouter } from "expo-router";
import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { useObservable, useServer } from "../../data/server.tsx";
import { troubleOf } from "../../data/trouble.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { isBegun } from "./draft.ts";
import { type NewTaskEntry, takeBack } from "./take-back.ts";

const { newTask: words } = strings;

/** Opens the form with a new task that was not sent. Asks first where something else was begun there. */
export function EditUnsent({ entry, onEdited }: { entry: NewTaskEntry; onEdited?: () => void }) {
  const router = useRouter();
  const server = useServer();
  // The list stays drawn below the form: what is begun there meanwhile has to be known here.
  const begun = useObservable(server.drafts.newTask());
  const [isAsking, setAsking] = useState(false);
  const [isBusy, setBusy] = useState(false);
  const edit = () => {
    setBusy(true);
    takeBack(server, entry).then(
      ({ mayHaveArrived }) => {
        if (mayHaveArrived) toast(strings.chat.withdrawnLate);
        onEdited?.();
        router.navigate("/new");
      },
      (error: unknown) => {
        setBusy(false);
        setAsking(false);
        toast(troubleOf(error).title);
      },
    );
  };
  const name = strings.chat.about(strings.chat.edit, entry.command.task.prompt.slice(0, 60));
  if (!isAsking)
    return (
      <Button
        title={strings.chat.edit}
        label={name}
        icon="edit"
        kind="quiet"
        isCompact
        isBusy={isBusy}
        onPress={() => (isBegun(begun) ? setAsking(true) : edit())}
      />
    );
  return (
    <View style={styles.asking}>
      <Text variant="small" role="alert">
        {words.replaceText(begun.prompt.trim().slice(0, 60) || begun.repository)}
      </Text>
      <View style={styles.buttons}>
        <Button title={words.replaceDraft} kind="danger" isCompact isBusy={isBusy} onPress={edit} />
        <Button title={words.keepDraft} kind="quiet" isCompact onPress={() => setAsking(false)} />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  asking: { gap: space.s, flexBasis: "100%" },
  buttons: { flexDirection: "row", flexWrap: "wrap", gap: space.s },
});
