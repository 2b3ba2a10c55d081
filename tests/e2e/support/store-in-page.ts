import { openIndexedDbStore } from "../../../packages/client/src/local/indexeddb-store.ts";
import { describeStore } from "../../../packages/client/test/store-conformance.ts";
import { runCases } from "./page-tests.ts";

describeStore("browser's", { open: (name) => openIndexedDbStore(name), persists: true });

Object.assign(globalThis, { runCases });
