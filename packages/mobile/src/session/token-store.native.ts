import { oneTab, type StoredTokens, type TokenStore } from "@farhand/client/app";
import { deleteItemAsync, getItemAsync, setItemAsync } from "expo-secure-store";

const turns = oneTab();

/** In the system's key store, which is closed while the device is locked for the first time after its start. */
export function tokenStore(baseUrl: string): TokenStore & { clear(): Promise<void> } {
  // The key store takes letters, digits, dots, dashes and underscores.
  const key = `farhand.tokens.${baseUrl.replace(/[^A-Za-z0-9.-]/g, "_")}`;
  return {
    async load() {
      const kept = await getItemAsync(key);
      return kept === null ? null : (JSON.parse(kept) as StoredTokens);
    },
    save: (tokens) => setItemAsync(key, JSON.stringify(tokens)),
    exclusively: (work) => turns.exclusively(key, work),
    clear: () => deleteItemAsync(key),
  };
}
