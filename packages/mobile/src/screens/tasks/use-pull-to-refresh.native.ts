import type { RefObject } from "react";

/** Phones' lists have it themselves. */
export function usePullToRefresh(_list: RefObject<unknown>, _refresh: () => void): void {}
