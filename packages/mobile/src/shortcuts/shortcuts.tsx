import { createContext, type ReactNode, useContext, useEffect, useMemo, useRef } from "react";
import type { Shortcut } from "./keys.ts";
import { listen } from "./listen";

interface Registry {
  /** @returns ends it */
  add(shortcut: Shortcut, handler: () => void): () => void;
}

const RegistryContext = createContext<Registry | null>(null);

export function ShortcutProvider({ children }: { children: ReactNode }) {
  const handlers = useRef(new Map<Shortcut, (() => void)[]>()).current;
  const registry = useMemo<Registry>(
    () => ({
      add(shortcut, handler) {
        handlers.set(shortcut, [...(handlers.get(shortcut) ?? []), handler]);
        return () =>
          void handlers.set(
            shortcut,
            (handlers.get(shortcut) ?? []).filter((it) => it !== handler),
          );
      },
    }),
    [handlers],
  );
  useEffect(
    () =>
      listen((shortcut) => {
        // Whatever was opened last is what one works with.
        const handler = handlers.get(shortcut)?.at(-1);
        handler?.();
        return handler !== undefined;
      }),
    [handlers],
  );
  return <RegistryContext value={registry}>{children}</RegistryContext>;
}

/** Does something when the shortcut is pressed, while this component is there and `isActive`. */
export function useShortcut(shortcut: Shortcut, handler: () => void, isActive = true): void {
  const registry = useContext(RegistryContext);
  const latest = useRef(handler);
  latest.current = handler;
  useEffect(
    () => (isActive ? registry?.add(shortcut, () => latest.current()) : undefined),
    [registry, shortcut, isActive],
  );
}
