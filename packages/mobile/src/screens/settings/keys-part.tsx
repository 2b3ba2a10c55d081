import type { KeyInfo, KeyList, KeyPurpose } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { StyleSheet, View } from "react-native";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Pill, type Tone } from "../../ui/pill.tsx";
import { Text } from "../../ui/text.tsx";
import { KeySheet } from "./key-sheet.tsx";
import { LoadedPart } from "./loaded-part.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;

const TONES: Record<KeyInfo["check"], Tone> = {
  ok: "ok",
  refused: "danger",
  unreachable: "warn",
  unchecked: "neutral",
  unreadable: "danger",
};

/** The person's keys for some purposes. None is ever shown. */
export function KeysPart({ purposes, text }: { purposes: readonly KeyPurpose[]; text: string }) {
  const { client } = useServer();
  const keys = useKept(
    "settings/keys",
    useCallback((signal: AbortSignal) => client.keys(signal), [client]),
  );
  const [adding, setAdding] = useState<KeyPurpose | null>(null);
  return (
    <>
      <Text color="soft">{text}</Text>
      <LoadedPart of={keys}>
        {({ keys: all }) =>
          purposes.map((purpose) => (
            <View key={purpose} style={styles.purpose}>
              <ListGroup title={words.keyName[purpose]}>
                {all
                  .filter((key) => key.purpose === purpose)
                  .map((key) => (
                    <KeyRow key={key.id} info={key} onChanged={keys.set} />
                  ))}
                {all.some((key) => key.purpose === purpose) ? null : <ListRow title={words.noKey} />}
              </ListGroup>
              <Button
                title={words.addKey}
                kind="quiet"
                icon="add"
                isCompact
                onPress={() => setAdding(purpose)}
              />
            </View>
          ))
        }
      </LoadedPart>
      {adding ? (
        <KeySheet
          purpose={adding}
          onClose={() => setAdding(null)}
          onKept={() => {
            setAdding(null);
            keys.reload();
          }}
        />
      ) : null}
    </>
  );
}

function KeyRow({ info, onChanged }: { info: KeyInfo; onChanged: (keys: KeyList) => void }) {
  const { client } = useServer();
  const { isBusy, error, change } = useChange();
  return (
    <View>
      <ListRow
        title={info.host}
        detail={words.endsWith(info.lastFour)}
        icon="key"
        end={<Pill text={words.check[info.check] ?? info.check} tone={TONES[info.check] ?? "neutral"} />}
      />
      {info.check === "ok" || !info.checkMessage ? null : (
        <Text variant="small" color="soft" style={styles.note}>
          {info.checkMessage}
        </Text>
      )}
      {error ? (
        <Text role="alert" variant="small" color="danger" style={styles.note}>
          {error}
        </Text>
      ) : null}
      <View style={styles.buttons}>
        <Button
          title={words.checkKey}
          label={`${words.checkKey}: ${info.host}`}
          kind="quiet"
          isCompact
          isBusy={isBusy}
          onPress={() =>
            change(
              async () => {
                await client.checkKey(info.id);
                return client.keys();
              },
              onChanged,
              strings.common.done,
            )
          }
        />
        <Button
          title={strings.common.remove}
          label={`${words.removeKey}: ${info.host}`}
          kind="danger"
          isCompact
          isBusy={isBusy}
          onPress={() => change(() => client.removeKey(info.id), onChanged, words.keyRemoved)}
        />
      </View>
    </View>
  );
}

const styles = StyleSheet.create({
  purpose: { gap: space.m },
  note: { paddingHorizontal: space.l, paddingBottom: space.s },
  buttons: { flexDirection: "row", gap: space.s, paddingHorizontal: space.l, paddingBottom: space.m },
});
