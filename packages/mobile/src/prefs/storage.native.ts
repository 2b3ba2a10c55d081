import Storage from "expo-sqlite/kv-store";

/** Small texts that this device keeps. */
export const storage = {
  get: (key: string): string | null => Storage.getItemSync(key),
  set(key: string, value: string | null): void {
    if (value === null) Storage.removeItemSync(key);
    else Storage.setItemSync(key, value);
  },
};
