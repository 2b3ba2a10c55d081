import { useCallback } from "react";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { strings } from "../../strings/strings.ts";
import { Text } from "../../ui/text.tsx";
import { ModelChoice } from "../new-task/model-choice.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { useChange } from "./use-change.ts";

export function ModelsScreen() {
  const { client } = useServer();
  const settings = useKept(
    "settings/settings",
    useCallback((signal: AbortSignal) => client.settings(signal), [client]),
  );
  const { error, change } = useChange();
  return (
    <SettingsPage title={strings.settings.models}>
      <Text color="soft">{strings.settings.defaultModel}</Text>
      <LoadedPart of={settings}>
        {({ defaultModel }) => (
          <ModelChoice
            value={defaultModel}
            isDefaultOffered={false}
            onChange={(model) =>
              model && change(() => client.updateSettings({ defaultModel: model }), settings.set)
            }
          />
        )}
      </LoadedPart>
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
    </SettingsPage>
  );
}
