import { storage } from "../prefs/storage";

/** Who is signed in on this device, and where. */
export interface Account {
  /** Such as `https://farhand.example.com`, without a path. */
  baseUrl: string;
  userId: string;
  login: string;
  name: string;
  role: "owner" | "member";
}

const ACCOUNT_KEY = "farhand.account";
const SERVER_KEY = "farhand.server";

/** Whoever was signed in when the app was last used: enough to show what the device keeps, without the server. */
export function keptAccount(): Account | null {
  try {
    const kept = JSON.parse(storage.get(ACCOUNT_KEY) ?? "null") as Partial<Account> | null;
    if (typeof kept?.baseUrl !== "string" || typeof kept.userId !== "string") return null;
    return {
      baseUrl: kept.baseUrl,
      userId: kept.userId,
      login: kept.login ?? "",
      name: kept.name ?? "",
      role: kept.role === "owner" ? "owner" : "member",
    };
  } catch {
    return null;
  }
}

export function keepAccount(account: Account | null): void {
  storage.set(ACCOUNT_KEY, account && JSON.stringify(account));
  if (account) storage.set(SERVER_KEY, account.baseUrl);
}

/** The address that was last used, to be offered again. */
export const lastServer = (): string | null => storage.get(SERVER_KEY);

/** A name for what the device keeps of this account, of letters, digits and dashes. */
export function accountKey({ baseUrl, userId }: Account): string {
  return `${new URL(baseUrl).host}-${userId}`.replace(/[^A-Za-z0-9]+/g, "-");
}
