import type { Config } from "./config.ts";

/** The secrets that the settings themselves hold. They are cut out of all that is written, whoever's task it is. */
export function ownSecrets(config: Config): string[] {
  return [
    config.anthropicKey,
    config.githubToken,
    config.githubWebhookSecret,
    config.gitlabWebhookToken,
    config.expoAccessToken,
  ].filter((secret) => secret !== null);
}
