import { randomUUID } from "expo-crypto";

/** A random UUID. */
export const newId = (): string => randomUUID();
