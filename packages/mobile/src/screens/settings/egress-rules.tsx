import type { EgressMode } from "@farhand/protocol";
import { useState } from "react";
import { strings } from "../../strings/strings.ts";
import { Button } from "../../ui/button.tsx";
import { IconButton } from "../../ui/icon-button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { TextField } from "../../ui/text-field.tsx";

const { settings: words } = strings;
const MODES: readonly EgressMode[] = ["none", "packages", "list", "all"];
/** As the server has it; it has the last word. */
const HOST = /^(\*\.)?([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*(:[1-9]\d{0,4})?$/;

export interface Rules {
  /** Null follows the default of all repositories. */
  mode: EgressMode | null;
  hosts: string[];
}

/** What may be reached, to be changed: of all repositories, or of one. */
export function EgressRules({
  rules,
  hasDefault = false,
  isBusy,
  onChange,
}: {
  rules: Rules;
  /** There is a default above it. */
  hasDefault?: boolean;
  isBusy: boolean;
  /** @param done to be called once the server has it */
  onChange: (rules: Rules, done?: () => void) => void;
}) {
  return (
    <>
      <ListGroup title={words.egress} isChoice>
        {hasDefault ? (
          <ListRow
            title={words.egressAsDefault}
            choice={{ isChosen: rules.mode === null }}
            onPress={() => onChange({ ...rules, mode: null })}
          />
        ) : null}
        {MODES.map((mode) => (
          <ListRow
            key={mode}
            title={words.egressMode[mode]}
            detail={words.egressModeText[mode]}
            choice={{ isChosen: mode === rules.mode }}
            onPress={() => onChange({ ...rules, mode })}
          />
        ))}
      </ListGroup>
      <ListGroup title={hasDefault ? words.hostsBeside : words.hosts}>
        {rules.hosts.length === 0 ? <ListRow title={strings.common.none} /> : null}
        {rules.hosts.map((host) => (
          <ListRow
            key={host}
            title={host}
            isMono
            end={
              <IconButton
                icon="trash"
                size={18}
                label={`${strings.common.remove}: ${host}`}
                onPress={() => onChange({ ...rules, hosts: rules.hosts.filter((it) => it !== host) })}
              />
            }
          />
        ))}
      </ListGroup>
      <HostForm
        isBusy={isBusy}
        onAdd={(host, done) => onChange({ ...rules, hosts: [...rules.hosts, host] }, done)}
      />
    </>
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
