import { useState } from "react";
import { View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { Text } from "../../ui/text.tsx";
import { TextField } from "../../ui/text-field.tsx";
import { CodeScanner } from "./code-scanner";

/** Asks for the server: typed, or scanned from a device that is signed in. */
export function ServerForm({
  initial,
  onChosen,
}: {
  initial: string;
  onChosen: (address: string) => boolean;
}) {
  const [address, setAddress] = useState(initial);
  const [isWrong, setWrong] = useState(false);
  const [isScanning, setScanning] = useState(false);
  const submit = () => setWrong(!onChosen(address));
  return (
    <View style={{ gap: space.l }}>
      <TextField
        label={strings.signIn.serverAddress}
        hint={strings.signIn.serverHint}
        error={isWrong ? strings.signIn.badAddress : null}
        value={address}
        onChangeText={setAddress}
        onSubmitEditing={submit}
        inputMode="url"
        autoCapitalize="none"
        autoCorrect={false}
        returnKeyType="go"
      />
      <Button title={strings.signIn.continue} onPress={submit} />
      <Button title={strings.signIn.scan} kind="quiet" icon="scan" onPress={() => setScanning(true)} />
      <Text variant="small" color="soft">
        {strings.signIn.scanHint}
      </Text>
      <CodeScanner isOpen={isScanning} onClose={() => setScanning(false)} onScanned={onChosen} />
    </View>
  );
}
