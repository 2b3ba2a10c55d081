import type { EgressMode, EgressSettings } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;
const MODES: readonly EgressMode[] = ["none", "packages", "list", "all"];
/** As the server has it; it has the last word. */
const HOST = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*(:[1-9]\d{0,4})?$/;

export function EgressScreen() {
  const { client } = useServer();
  const egress = useKept(
    "settings/egress",
    useCallback((signal: AbortSignal) => client.egress(signal), [client]),
  );
  const { isBusy, error, change } = useChange();
  const set = (settings: EgressSettings, done?: () => void) =>
    change(
      () => client.setEgress(settings),
      (answer) => {
        egress.set(answer);
        done?.();
      },
    );
  return (
    <SettingsPage title={words.egress}>
      <Text color="soft">{words.egressText}</Text>
      <LoadedPart of={egress}>
        {({ default: now, repositories }) => (
          <>
            <ListGroup title={words.egress} isChoice>
              {MODES.map((mode) => (
                <ListRow
                  key={mode}
                  title={words.egressMode[mode]}
                  detail={words.egressModeText[mode]}
                  choice={{ isChosen: mode === now.mode }}
                  onPress={() => set({ ...now, mode })}
                />
              ))}
            </ListGroup>
            <ListGroup title={words.hosts}>
              {now.hosts.length === 0 ? <ListRow title={strings.common.none} /> : null}
              {now.hosts.map((host) => (
                <ListRow
                  key={host}
                  title={host}
                  isMono
                  end={
                    <IconButton
                      icon="trash"
                      size={18}
                      label={`${strings.common.remove}: ${host}`}
                      onPress={() => set({ ...now, hosts: now.hosts.filter((it) => it !== host) })}
                    />
                  }
                />
              ))}
            </ListGroup>
            <HostForm
              isBusy={isBusy}
              onAdd={(host, done) => set({ ...now, hosts: [...now.hosts, host] }, done)}
            />
            {repositories.map((it) => (
              <ListGroup key={it.repository} title={it.repository}>
                <ListRow
                  title={it.mode ? words.egressMode[it.mode] : strings.newTask.modelDefaultUnknown}
                  detail={it.hosts.join(", ")}
                />
              </ListGroup>
            ))}
          </>
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

function HostForm({ isBusy, onAdd }: { isBusy: boolean; onAdd: (host: string, done: () => void) => void }) {
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const add = () => {
    const host = text.trim().toLowerCase();
    const isGood = HOST.test(host);
    setWrong(!isGood);
    if (!isGood) return;
    // What the server has not taken stays in the field.
    onAdd(host, () => setText(""));
  };
  return (
    <>
      <TextField
        label={words.addHost}
        hint={words.hostHint}
        error={isWrong ? words.badHost : null}
        value={text}
        onChangeText={setText}
        onSubmitEditing={add}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
        isMono
      />
      <Button title={words.addHost} kind="quiet" icon="add" isBusy={isBusy} onPress={add} />
    </>
  );
}
