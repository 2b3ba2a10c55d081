export { type ExpoMessage, type ExpoPushService, startExpoPushService } from "./expo.ts";
export type { Failure } from "./failures.ts";
export { type NtfyMessage, type NtfyServer, startNtfyServer } from "./ntfy.ts";
export {
  type PushMessage,
  type Subscription,
  startWebPushService,
  type WebPushService,
} from "./web-push-service.ts";
