import { useState } from "react";
import { ScrollView, StyleSheet, View } from "react-native";
import { useSafeAreaInsets } from "react-native-safe-area-context";
import { Mark } from "../../icons/mark.tsx";
import { lastServer } from "../../session/account.ts";
import { homeServer, SERVER_IS_FIXED } from "../../session/auth";
import { parseServerAddress } from "../../session/server-address.ts";
import { useSession } from "../../session/session.tsx";
import { strings } from "../../strings/strings.ts";
import { useStyles } from "../../theme/theme.tsx";
import { type Palette, space } from "../../theme/tokens.ts";
import { Banner } from "../../ui/banner.tsx";
import { usePageTitle } from "../../ui/page-title";
import { Text } from "../../ui/text.tsx";
import { ServerForm } from "./server-form.tsx";
import { WaysIn } from "./ways-in.tsx";

/** The way in: which server, and then how. */
export function SignInScreen() {
  const styles = useStyles(sheet);
  const { state } = useSession();
  const { top, bottom } = useSafeAreaInsets();
  const [baseUrl, setBaseUrl] = useState<string | null>(homeServer());
  const [linkPath, setLinkPath] = useState<string | null>(null);
  usePageTitle(strings.signIn.title);
  const choose = (given: string): boolean => {
    const address = parseServerAddress(given);
    if (!address) return false;
    setBaseUrl(address.baseUrl);
    setLinkPath(address.linkPath);
    return true;
  };
  const isEnded = state.status === "signed-out" && state.why === "ended";
  return (
    <ScrollView
      style={styles.screen}
      contentContainerStyle={[
        styles.content,
        { paddingTop: top + space.xxl, paddingBottom: bottom + space.xxl },
      ]}
      keyboardShouldPersistTaps="handled"
    >
      <View role="main" style={styles.main}>
        <View style={styles.brand}>
          <Mark />
          <Text variant="title" heading={1}>
            {strings.app.name}
          </Text>
          <Text color="soft" style={styles.centred}>
            {strings.app.tagline}
          </Text>
        </View>
        {isEnded ? <Banner tone="warn" text={strings.signIn.ended} /> : null}
        {baseUrl === null ? (
          <ServerForm initial={lastServer() ?? ""} onChosen={choose} />
        ) : (
          <WaysIn
            baseUrl={baseUrl}
            linkPath={linkPath}
            onOtherServer={SERVER_IS_FIXED ? undefined : () => setBaseUrl(null)}
          />
        )}
      </View>
    </ScrollView>
  );
}

const sheet = (colors: Palette) =>
  StyleSheet.create({
    screen: { flex: 1, backgroundColor: colors.page },
    content: { flexGrow: 1, justifyContent: "center", paddingHorizontal: space.xl },
    main: { width: "100%", maxWidth: 420, alignSelf: "center", gap: space.xl },
    brand: { alignItems: "center", gap: space.s },
    centred: { textAlign: "center" },
  });
