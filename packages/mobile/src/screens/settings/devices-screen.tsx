import type { SignInLink } from "@farhand/protocol";
import { useCallback, useState } from "react";
import { Platform, StyleSheet, View } from "react-native";
import { useServer } from "../../data/server.tsx";
import { useKept } from "../../data/use-kept.ts";
import { useNow } from "../../data/use-now.ts";
import { ago } from "../../format/time.ts";
import { copy } from "../../platform/clipboard";
import { openUrl } from "../../platform/open-url";
import { strings } from "../../strings/strings.ts";
import { radius, space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { ListGroup, ListRow } from "../../ui/list-row.tsx";
import { Pill } from "../../ui/pill.tsx";
import { QrCode } from "../../ui/qr-code.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import { toast } from "../../ui/toast.tsx";
import { deviceName } from "./device-name.ts";
import { LoadedPart } from "./loaded-part.tsx";
import { SettingsPage } from "./settings-page.tsx";
import { useChange } from "./use-change.ts";

const { settings: words } = strings;

export function DevicesScreen() {
  const { client, baseUrl } = useServer();
  const now = useNow();
  const sessions = useKept(
    "settings/sessions",
    useCallback((signal: AbortSignal) => client.sessions(signal), [client]),
  );
  const { isBusy, error, change } = useChange();
  const [link, setLink] = useState<SignInLink | null>(null);
  return (
    <SettingsPage title={words.devices}>
      <LoadedPart of={sessions}>
        {({ sessions: all }) => (
          <ListGroup>
            {all.map((session) => (
              <ListRow
                key={session.id}
                title={deviceName(session)}
                detail={words.since(ago(session.createdAt, now), session.address)}
                icon={session.kind === "cli" ? "code" : session.kind === "app" ? "device" : "globe"}
                end={
                  session.isCurrent ? (
                    <Pill text={words.thisDevice} tone="accent" />
                  ) : (
                    <Button
                      title={words.endSession}
                      label={`${words.endSession}: ${deviceName(session)}`}
                      kind="quiet"
                      isCompact
                      onPress={() => change(() => client.endSession(session.id), sessions.reload)}
                    />
                  )
                }
              />
            ))}
          </ListGroup>
        )}
      </LoadedPart>
      {error ? (
        <Text role="alert" color="danger">
          {error}
        </Text>
      ) : null}
      <Button
        title={words.addDevice}
        icon="scan"
        isBusy={isBusy}
        onPress={() => change(() => client.makeSignInLink(), setLink, strings.common.done)}
      />
      {Platform.OS === "web" ? (
        <Button title={words.accountPage} kind="quiet" onPress={() => openUrl(`${baseUrl}/signed-in`)} />
      ) : null}
      <Sheet title={words.addDevice} isOpen={link !== null} onClose={() => setLink(null)}>
        {link ? (
          <>
            <Text>{words.addDeviceText}</Text>
            <View style={styles.code}>
              <QrCode text={link.url} label={words.addDevice} />
            </View>
            <Text isMono variant="small" selectable>
              {link.url}
            </Text>
            <Button
              title={strings.common.copy}
              kind="quiet"
              icon="copy"
              onPress={() => void copy(link.url).then((isCopied) => isCopied && toast(strings.common.copied))}
            />
          </>
        ) : null}
      </Sheet>
    </SettingsPage>
  );
}

const styles = StyleSheet.create({
  // Scanners want dark on white, in every theme.
  code: { alignSelf: "center", backgroundColor: "#ffffff", padding: space.m, borderRadius: radius.m },
});
