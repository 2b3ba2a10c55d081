import type { ScenarioInput } from "@farhand/simulators/claude";

/** What a model does whose work is held back until a person lets it pass: it adds a workflow of the forge. */
export const HELD_BACK: ScenarioInput["turns"] = [
  { toolUses: [{ name: "write", input: { file_path: ".github/workflows/t.yml", content: "on: push\n" } }] },
  { toolUses: [{ name: "finish", input: { title: "Add a workflow", summary: "It runs the tests." } }] },
];
