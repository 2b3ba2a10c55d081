import { createAppClient } from "@farhand/client/app";
import { useCallback, useState } from "react";
import { View } from "react-native";
import { troubleOf } from "../../data/trouble.ts";
import { useLoaded } from "../../data/use-loaded.ts";
import { newId } from "../../platform/new-id";
import { SERVER_IS_FIXED } from "../../session/auth";
import { isPlainHttp, parseServerAddress } from "../../session/server-address.ts";
import { useSession } from "../../session/session.tsx";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { ErrorState } from "../../ui/error-state.tsx";
import { Skeleton } from "../../ui/skeleton.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";

const { signIn: words } = strings;

/** What this server offers to sign in with. */
export function WaysIn({
  baseUrl,
  linkPath,
  onOtherServer,
}: {
  baseUrl: string;
  /** Of a link that was scanned or pasted with the address. */
  linkPath: string | null;
  onOtherServer?: (() => void) | undefined;
}) {
  const session = useSession();
  const methods = useLoaded(
    useCallback(
      (signal: AbortSignal) => createAppClient({ baseUrl, token: null, newId }).signInMethods(signal),
      [baseUrl],
    ),
  );
  const [isBusy, setBusy] = useState(false);
  const [trouble, setTrouble] = useState<string | null>(null);

  const go = (request: { provider: string | null; linkPath: string | null }) => {
    setBusy(true);
    setTrouble(null);
    session.signIn({ baseUrl, ...request }).then(
      () => setBusy(false),
      (error: unknown) => {
        setBusy(false);
        setTrouble(troubleOf(error).title);
      },
    );
  };

  return (
    <View style={{ gap: space.l }}>
      {SERVER_IS_FIXED ? null : (
        <Text color="soft" isMono variant="small">
          {baseUrl}
        </Text>
      )}
      {isPlainHttp(baseUrl) ? (
        <Text variant="small" color="warn">
          {words.plainHttp}
        </Text>
      ) : null}
      {methods.trouble ? (
        <ErrorState trouble={{ title: words.offline, action: "" }} onRetry={methods.reload} />
      ) : !methods.value ? (
        <Skeleton rows={2} />
      ) : (
        <>
          {linkPath ? (
            <Button title={words.openLink} isBusy={isBusy} onPress={() => go({ provider: null, linkPath })} />
          ) : null}
          {methods.value.isOwned ? null : <Text>{words.unowned}</Text>}
          {methods.value.providers.map(({ id, name }) => (
            <Button
              key={id}
              title={words.with(name)}
              isBusy={isBusy}
              onPress={() => go({ provider: id, linkPath: null })}
            />
          ))}
          {SERVER_IS_FIXED ? (
            <LinkForm onLink={(path) => go({ provider: null, linkPath: path })} />
          ) : (
            <Button
              title={words.inBrowser}
              kind="quiet"
              isBusy={isBusy}
              onPress={() => go({ provider: null, linkPath: null })}
            />
          )}
        </>
      )}
      {trouble ? (
        <Text role="alert" color="danger">
          {`${words.failed} ${trouble}`}
        </Text>
      ) : null}
      {onOtherServer ? <Button title={words.otherServer} kind="quiet" onPress={onOtherServer} /> : null}
    </View>
  );
}

/** For a link that came by another way than being opened here. */
function LinkForm({ onLink }: { onLink: (linkPath: string) => void }) {
  const [text, setText] = useState("");
  const [isWrong, setWrong] = useState(false);
  const submit = () => {
    const path = parseServerAddress(text)?.linkPath ?? null;
    setWrong(path === null);
    if (path !== null) onLink(path);
  };
  return (
    <View style={{ gap: space.s }}>
      <TextField
        label={words.linkField}
        hint={words.linkText}
        error={isWrong ? words.badLink : null}
        placeholder={words.linkHint}
        value={text}
        onChangeText={setText}
        onSubmitEditing={submit}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
      />
      <Button title={words.openLink} kind="quiet" onPress={submit} />
      <Text variant="small" color="soft">
        {words.terminal}
      </Text>
    </View>
  );
}
