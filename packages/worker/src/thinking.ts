import type { BetaThinkingConfigParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";

/**
 * How a model is asked to think. Models from 4.6 on decide for themselves how much; newer ones give what they say
 * between tool calls as thinking too, and leave it empty unless a summary is asked for, so without this a person
 * would watch in silence. Earlier models, and names that are not Claude's, refuse the parameter.
 * Source: https://platform.claude.com/docs/en/build-with-claude/adaptive-thinking
 *
 * @returns null when the request is to say nothing about it
 */
export function thinkingFor(model: string): BetaThinkingConfigParam | null {
  const version = /^claude-[a-z]+-(\d+)(?:-(\d{1,2}))?(?:-\d{8})?$/.exec(model);
  if (!version) return null;
  const [major, minor] = [Number(version[1]), Number(version[2] ?? 0)];
  const isAdaptive = major > 4 || (major === 4 && minor >= 6);
  return isAdaptive ? { type: "adaptive", display: "summarized" } : null;
}
