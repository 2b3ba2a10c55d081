import { CameraView, useCameraPermissions } from "expo-camera";
import { useState } from "react";
import { StyleSheet, View } from "react-native";
import { strings } from "../../strings/strings.ts";
import { radius, space } from "../../theme/tokens.ts";
import { Button } from "../../ui/button.tsx";
import { Sheet } from "../../ui/sheet.tsx";
import { Text } from "../../ui/text.tsx";
import type { CodeScannerProps } from "./code-scanner.tsx";

/** The camera, for as long as somebody scans. */
export function CodeScanner({ isOpen, onClose, onScanned }: CodeScannerProps) {
  const [permission, ask] = useCameraPermissions();
  const [isWrong, setWrong] = useState(false);
  const close = () => {
    setWrong(false);
    onClose();
  };
  const scanned = (text: string) => {
    if (onScanned(text)) close();
    else setWrong(true);
  };
  return (
    <Sheet title={strings.signIn.scanTitle} isOpen={isOpen} onClose={close}>
      {permission?.granted ? (
        <View style={styles.frame}>
          <CameraView
            style={StyleSheet.absoluteFill}
            barcodeScannerSettings={{ barcodeTypes: ["qr"] }}
            onBarcodeScanned={({ data }) => scanned(data)}
          />
        </View>
      ) : (
        <>
          <Text>{strings.signIn.cameraNeeded}</Text>
          <Button title={strings.signIn.cameraAllow} onPress={() => void ask()} />
        </>
      )}
      {isWrong ? (
        <Text role="alert" color="danger">
          {strings.signIn.notACode}
        </Text>
      ) : null}
    </Sheet>
  );
}

const styles = StyleSheet.create({
  frame: { width: "100%", aspectRatio: 1, borderRadius: radius.l, overflow: "hidden", marginBottom: space.s },
});
