import type { CreateTask } from "@farhand/protocol";
import type { MessagesRequest, ScenarioInput } from "@farhand/simulators/claude";

/** A task of the pictures: what a person asks for, and what the model answers, turn by turn. */
export interface Chapter {
  prompt: string;
  scenario: ScenarioInput;
  /** What else the task is created with. */
  task?: Partial<CreateTask>;
  /** What a person writes while the agent is at work. */
  meanwhile?: string;
}

const bash = (command: string) => ({ name: "bash", input: { command, timeout_ms: 3_600_000 } });
const edit = (file_path: string, old_string: string, new_string: string) => ({
  name: "edit",
  input: { file_path, old_string, new_string },
});
const write = (file_path: string, content: string) => ({ name: "write", input: { file_path, content } });
const finish = (title: string, summary: string) => ({ name: "finish", input: { title, summary } });

const SWISS = `/** Rounds to the nearest 5 cents, as tills do where there are no smaller coins. */
export function roundToFive(cents) {
  return Math.round(cents / 5) * 5;
}
`;

const WORKFLOW = `name: test
on: [push, pull_request]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: node --test
`;

/** Said two words at a time: it is not at its end while anybody looks. */
const EXPLANATION = `A bill begins in the **cart**, where each line is a product, a count and a price in cents. ${Array.from(
  { length: 40 },
  (_, index) =>
    `\n\n### Step ${index + 1}\n\nThe cart hands what it holds to the next part, which adds nothing that it was not told: first the discount, then the shipping, and the tax of the country at last. Whoever reads the code should follow one order from here to the end.`,
).join("")}`;

/** Tasks in every standing that a list can show. */
export const STORY = {
  rounding: {
    prompt: "Prices at the till should be rounded to five cents. Say so in the README, and test it.",
    // Newer models give what they say between two calls as thoughts, which are folded away.
    task: { model: "claude-sonnet-4-6" },
    scenario: {
      name: "rounding",
      description: "Three files, with a plan and a table.",
      turns: [
        {
          thinking: "Totals are made in the cart. Rounding belongs beside the other arithmetic, in money.js.",
          text: "I'll look at how totals are made before I decide where the rounding belongs.",
          toolUses: [
            bash("git log --oneline -n 5 && cat src/money.js src/cart.js"),
            bash("node --test | tail -n 8"),
          ],
        },
        {
          text: "Totals are made in **one** place, `Cart.total()`. The plan:\n\n1. `roundToFive` in `src/money.js`, beside the other arithmetic\n2. use it for the total, not for each line, so that errors do not add up\n3. a test of the limits\n\n| cents | rounded |\n| ---: | ---: |\n| 1232 | 1230 |\n| 1233 | 1235 |",
          toolUses: [
            edit(
              "src/money.js",
              "/** A share of an amount in percent, rounded to the nearest cent. */",
              `${SWISS}\n/** A share of an amount in percent, rounded to the nearest cent. */`,
            ),
            edit(
              "src/cart.js",
              'import { shippingFor } from "./shipping.js";',
              'import { roundToFive } from "./money.js";\nimport { shippingFor } from "./shipping.js";',
            ),
            edit(
              "src/cart.js",
              "    return subtotal + shippingFor(subtotal);",
              "    return roundToFive(subtotal + shippingFor(subtotal));",
            ),
            edit(
              "README.md",
              "- A discount is rounded to the nearest cent.",
              "- A discount is rounded to the nearest cent, and the total to the nearest five.",
            ),
            write(
              "test/rounding.test.js",
              `import assert from "node:assert/strict";\nimport { test } from "node:test";\nimport { roundToFive } from "../src/money.js";\n\ntest("a total is rounded to five cents", () => {\n  assert.equal(roundToFive(1232), 1230);\n  assert.equal(roundToFive(1233), 1235);\n});\n`,
            ),
          ],
        },
        {
          text: "Now the tests.",
          toolUses: [
            bash("node --test --test-reporter=spec test/rounding.test.js && git diff --stat --color=always"),
          ],
        },
        {
          text: "All of it holds.",
          toolUses: [
            finish(
              "Round totals to five cents",
              "Totals are rounded to the nearest five cents, as tills do.\n\n- `roundToFive` in `src/money.js`, used by `Cart.total()` alone\n- two lines of tests, and a word in the README",
            ),
          ],
        },
      ],
    },
  },
  question: {
    prompt: "Let the cart speak the customer's currency.",
    scenario: {
      name: "question",
      description: "Asks, and waits.",
      turns: [
        {
          text: "Before I change the arithmetic I need to know one thing.",
          toolUses: [
            {
              name: "ask_user",
              input: {
                question:
                  "Should prices be kept in one currency and converted when shown, or kept in each currency?",
                options: ["Convert when shown", "Keep each currency"],
              },
            },
          ],
        },
      ],
    },
  },
  approval: {
    prompt: "Run the tests on every push.",
    scenario: {
      name: "approval",
      description: "Adds a workflow, which is held back until a person lets it pass.",
      turns: [
        {
          text: "I'll add a workflow that runs the tests.",
          toolUses: [write(".github/workflows/test.yml", WORKFLOW)],
        },
        {
          text: "That is the file.",
          toolUses: [
            finish("Run the tests on every push", "`.github/workflows/test.yml` runs `node --test`."),
          ],
        },
        { text: "The workflow waits for your approval." },
      ],
    },
  },
  budget: {
    prompt: "Translate the README into German, French and Italian.",
    task: { budget: { maxUsd: null, maxTokens: 1_000 } },
    scenario: {
      name: "budget",
      description: "Costs more than it may.",
      turns: [
        {
          text: "I'll see how long it is.",
          toolUses: [bash("wc README.md")],
        },
        { text: "never said" },
      ],
    },
  },
  working: {
    meanwhile: "Leave those alone that need the network.",
    prompt: "Find out which test is the slowest, and make it quicker.",
    scenario: {
      name: "working",
      description: "At work for as long as the pictures take.",
      turns: [
        {
          text: "I'll measure before I touch anything.",
          toolUses: [bash("node --test --test-reporter=tap | grep -c '^ok'; sleep 3600")],
        },
      ],
    },
  },
  speaking: {
    prompt: "How does an order become a bill? Explain it to somebody new.",
    scenario: {
      name: "speaking",
      description: "Speaks for as long as the pictures take.",
      fixedDelays: true,
      turns: [{ text: EXPLANATION, chunkDelayMs: 1_000 }],
    },
  },
  failed: {
    prompt: "Move the project to TypeScript.",
    scenario: {
      name: "failed",
      description: "The API refuses for good.",
      turns: [
        {
          text: "never said",
          faults: [
            { error: "invalid_request_error", message: "Your credit balance is too low.", times: "always" },
          ],
        },
      ],
    },
  },
} satisfies Record<string, Chapter>;

/** What a model says that knows these chapters by their prompts. It throws at any other conversation. */
export const chapterOf =
  (chapters: Record<string, Chapter>) =>
  (request: MessagesRequest): ScenarioInput => {
    const told = JSON.stringify(request.messages);
    const chapter = Object.values(chapters).find(({ prompt }) => told.includes(prompt));
    if (!chapter) throw new Error("this conversation is of none of the chapters");
    return chapter.scenario;
  };
