import { type ErrorBoundaryProps, type Href, Stack, useRouter } from "expo-router";
import { StatusBar } from "expo-status-bar";
import { useEffect } from "react";
import { View } from "react-native";
import { currentPlace, onLink } from "../platform/place";
import { reload } from "../platform/reload";
import { startServiceWorker } from "../platform/service-worker";
import { hideSplash } from "../platform/splash";
import { SessionProvider, useSession } from "../session/session.tsx";
import { forgetPlace, wantedPlace, wantPlace } from "../session/wanted-place.ts";
import { ShortcutProvider } from "../shortcuts/shortcuts.tsx";
import { strings } from "../strings/strings.ts";
import { ThemeProvider, useTheme } from "../theme/theme.tsx";
import { ErrorState } from "../ui/error-state.tsx";
import { ToastHost } from "../ui/toast.tsx";

export default function RootLayout() {
  return (
    <ThemeProvider>
      <ShortcutProvider>
        <SessionProvider>
          <Doors />
          <ToastHost />
        </SessionProvider>
      </ShortcutProvider>
    </ThemeProvider>
  );
}

/** Who is signed in sees the tasks, and everybody else the way in. */
function Doors() {
  const { state } = useSession();
  const { colors, scheme } = useTheme();
  const router = useRouter();
  useEffect(() => startServiceWorker((path) => router.navigate(path as Href)), [router]);
  const isSignedIn = state.status === "signed-in";
  // A link that was opened by nobody leads there once somebody is signed in.
  useEffect(() => (isSignedIn ? undefined : onLink(wantPlace)), [isSignedIn]);
  useEffect(() => {
    const place = isSignedIn ? wantedPlace() : null;
    if (isSignedIn) forgetPlace();
    if (place !== null && place !== currentPlace()) router.navigate(place as Href);
  }, [isSignedIn, router]);
  const isChecked = state.status !== "checking";
  useEffect(() => {
    if (isChecked) hideSplash();
  }, [isChecked]);
  if (state.status === "checking") return <View style={{ flex: 1, backgroundColor: colors.page }} />;
  return (
    <>
      <StatusBar style={scheme === "dark" ? "light" : "dark"} />
      <Stack screenOptions={{ headerShown: false, contentStyle: { backgroundColor: colors.page } }}>
        <Stack.Protected guard={isSignedIn}>
          <Stack.Screen name="(main)" />
        </Stack.Protected>
        <Stack.Protected guard={!isSignedIn}>
          <Stack.Screen name="welcome" />
        </Stack.Protected>
      </Stack>
    </>
  );
}

/**
 * What an error of our own leaves of the app. What people have written is on the device already. In browsers the page is
 * loaded anew: a part of it that was missing may have gone with the version that it belongs to.
 */
export function ErrorBoundary({ error, retry }: ErrorBoundaryProps) {
  return (
    <ErrorState
      trouble={{ title: strings.common.wrong, action: `${strings.common.unexpected} (${error.message})` }}
      onRetry={reload ?? (() => void retry())}
    />
  );
}
