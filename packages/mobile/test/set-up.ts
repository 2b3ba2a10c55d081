/** What a phone has and the test's machine lacks. Everything of our own runs as it is. */
jest.mock("expo-sqlite/kv-store", () => {
  const kept = new Map<string, string>();
  return {
    __esModule: true,
    default: {
      getItemSync: (key: string) => kept.get(key) ?? null,
      setItemSync: (key: string, value: string) => void kept.set(key, value),
      removeItemSync: (key: string) => void kept.delete(key),
    },
  };
});
jest.mock("expo-secure-store", () => {
  const kept = new Map<string, string>();
  return {
    getItemAsync: async (key: string) => kept.get(key) ?? null,
    setItemAsync: async (key: string, value: string) => void kept.set(key, value),
    deleteItemAsync: async (key: string) => void kept.delete(key),
  };
});
jest.mock("expo-haptics", () => ({
  ImpactFeedbackStyle: { Light: "light" },
  NotificationFeedbackType: { Warning: "warning", Success: "success", Error: "error" },
  impactAsync: jest.fn(async () => undefined),
  notificationAsync: jest.fn(async () => undefined),
}));
jest.mock("expo-network", () => ({ addNetworkStateListener: () => ({ remove: () => undefined }) }));
jest.mock("expo-router", () => {
  const router = {
    navigate: jest.fn(),
    push: jest.fn(),
    replace: jest.fn(),
    dismissTo: jest.fn(),
    back: jest.fn(),
    canGoBack: () => true,
  };
  return { useRouter: () => router, useFocusEffect: () => undefined, router };
});
