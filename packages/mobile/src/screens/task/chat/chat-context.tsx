import type { ChatRow, Value } from "@farhand/client/app";
import { createContext, useCallback, useContext, useSyncExternalStore } from "react";

/** What rows of the chat can ask of it. Stays the same object, so that rows are not drawn for its sake. */
export interface ChatContextValue {
  taskId: string;
  /** All that can be done with a row. */
  openMenu(row: ChatRow): void;
  openStep(rowId: string, stepId: string): void;
  editPending(rowId: string): void;
  /** Which rows are unfolded, by id: kept while the chat is open, also when a row scrolls away. */
  unfolded: Value<ReadonlySet<string>>;
}

const ChatContext = createContext<ChatContextValue | null>(null);
export const ChatProvider = ChatContext;

export function useChat(): ChatContextValue {
  const chat = useContext(ChatContext);
  if (!chat) throw new Error("there is no chat above");
  return chat;
}

/** Whether the row is unfolded, and what folds it. */
export function useUnfolded(rowId: string): [boolean, () => void] {
  const { unfolded } = useChat();
  const isOpen = useSyncExternalStore(
    unfolded.subscribe,
    () => unfolded.getSnapshot().has(rowId),
    () => unfolded.getSnapshot().has(rowId),
  );
  const toggle = useCallback(() => {
    const next = new Set(unfolded.getSnapshot());
    if (!next.delete(rowId)) next.add(rowId);
    unfolded.set(next);
  }, [unfolded, rowId]);
  return [isOpen, toggle];
}
