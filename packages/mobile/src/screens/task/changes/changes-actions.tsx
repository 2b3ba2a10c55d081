import { useState } from "react";
import { openUrl } from "../../../platform/open-url";
import { strings } from "../../../strings/strings.ts";
import { IconButton } from "../../../ui/icon-button.tsx";
import { useOpenTask } from "../open-task.tsx";
import { OptionsSheet } from "./options-sheet.tsx";

/** What belongs to the changes wherever they stand: the pull request that they went into, and how they are shown. */
export function ChangesActions() {
  const { task } = useOpenTask();
  const [areOptionsOpen, setOptionsOpen] = useState(false);
  const pullRequestUrl = task?.pullRequestUrl ?? null;
  return (
    <>
      {pullRequestUrl ? (
        <IconButton icon="pull" label={strings.changes.pullRequest} onPress={() => openUrl(pullRequestUrl)} />
      ) : null}
      <IconButton
        icon="eye"
        label={strings.changes.options}
        onPress={() => setOptionsOpen(true)}
        testID="diff-options"
      />
      <OptionsSheet isOpen={areOptionsOpen} onClose={() => setOptionsOpen(false)} />
    </>
  );
}
