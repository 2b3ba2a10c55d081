import { useRouter } from "expo-router";
import type { ReactNode } from "react";
import { Screen } from "../../ui/screen.tsx";
import { ConnectionButton } from "../connection/connection-button.tsx";

/** A page of the settings, with the way back. */
export function SettingsPage({
  title,
  subtitle,
  children,
}: {
  title: string;
  subtitle?: string;
  children: ReactNode;
}) {
  const router = useRouter();
  return (
    <Screen
      title={title}
      subtitle={subtitle}
      isForm
      actions={<ConnectionButton />}
      onBack={() =>
        router.canGoBack() ? router.back() : router.replace(subtitle === undefined ? "/settings" : "/")
      }
    >
      {children}
    </Screen>
  );
}
