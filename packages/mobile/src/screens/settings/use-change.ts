import { useCallback, useState } from "react";
import { troubleOf } from "../../data/trouble.ts";
import { strings } from "../../strings/strings.ts";
import { toast } from "../../ui/toast.tsx";

/**
 * Asks the server for a change and says what came of it; null says nothing where the screen does so itself.
 * @returns whether one is under way, and the asking
 */
export function useChange(): {
  isBusy: boolean;
  error: string | null;
  change: <T>(work: () => Promise<T>, then: (answer: T) => void, said?: string | null) => void;
} {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const change = useCallback(<T>(work: () => Promise<T>, then: (answer: T) => void, said?: string | null) => {
    setBusy(true);
    setError(null);
    work().then(
      (answer) => {
        setBusy(false);
        then(answer);
        if (said !== null) toast(said ?? strings.common.saved);
      },
      (failure: unknown) => {
        setBusy(false);
        const { title, action } = troubleOf(failure);
        setError(`${title} ${action}`.trim());
      },
    );
  }, []);
  return { isBusy, error, change };
}
