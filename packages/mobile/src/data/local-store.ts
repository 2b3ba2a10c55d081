import { browserTabs, type LocalStore, oneTab, openIndexedDbStore, type Tabs } from "@farhand/client/app";

/** What this browser keeps of one account. */
export const openLocalStore = (name: string): LocalStore => openIndexedDbStore(`farhand-${name}`);

export const openTabs = (name: string, local: LocalStore): Tabs =>
  browserTabs(`farhand-${name}`, local) ?? oneTab();
