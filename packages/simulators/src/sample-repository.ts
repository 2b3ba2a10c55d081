import { FastImport } from "./fast-import.ts";
import { SAMPLE_FILES, type SampleFile } from "./sample-files.ts";

const AUTHOR = { name: "Mara Lind", email: "mara@example.org" };
/** 2026-03-02 09:00:00 UTC: fixed, so that the commit ids are the same everywhere. */
const FIRST_COMMIT_SECONDS = 1_772_442_000;
const DAY_SECONDS = 86_400;

/**
 * Makes a bare repository with the demo's project at `path`: a small cart calculator in plain JavaScript whose
 * tests run with `node --test` and need nothing installed. One test fails, because of a real mistake in
 * `src/discount.js`. Its branch is `main`.
 */
export async function makeSampleRepository(path: string): Promise<void> {
  const commits: ReadonlyArray<{ message: string; files: readonly SampleFile[] }> = [
    { message: "Add money helpers", files: pick("package.json", "src/money.js", "test/money.test.js") },
    { message: "Add the cart with its line items", files: pick("src/cart.js", "test/cart.test.js") },
    { message: "Add the bulk discount", files: pick("src/discount.js") },
    { message: "Add shipping costs", files: pick("src/shipping.js", "test/shipping.test.js") },
    { message: "Describe the pricing rules", files: pick("README.md", ".gitignore") },
    { message: "Test the bulk discount at its limits", files: pick("test/discount.test.js") },
  ];
  await using fast = await FastImport.start(path);
  for (const [index, { message, files }] of commits.entries()) {
    fast.commit({
      branch: "main",
      message,
      author: AUTHOR,
      seconds: FIRST_COMMIT_SECONDS + index * DAY_SECONDS,
      files: new Map(files.map((file) => [file.path, file.content])),
    });
  }
  await fast.finish();
}

function pick(...paths: string[]): SampleFile[] {
  return paths.map((path) => {
    const file = SAMPLE_FILES.find((candidate) => candidate.path === path);
    if (file === undefined) throw new Error(`the sample has no ${path}`);
    return file;
  });
}

const FILES_PER_FOLDER = 25;

/**
 * Makes a bare repository of the given size at `path` within seconds. Its first files are
 * `src/module-001/file-001.js`, `src/module-002/file-002.js` and so on, each with a line
 * `export const version = 1;`. Its branch is `main`.
 */
export async function makeLargeRepository(
  path: string,
  size: { commits: number; files: number },
): Promise<void> {
  await using fast = await FastImport.start(path);
  const name = (index: number) => {
    // The first of each folder are numbered like their folder, the rest follow.
    const folders = Math.max(1, Math.ceil(size.files / FILES_PER_FOLDER));
    const number = (value: number) => String(value).padStart(3, "0");
    return `src/module-${number((index % folders) + 1)}/file-${number(index + 1)}.js`;
  };
  const content = (index: number, revision: number) =>
    `// Part ${index + 1}.\nexport const version = 1;\n\nexport function revision() {\n  return ${revision};\n}\n`;
  for (let commit = 0; commit < size.commits; commit += 1) {
    const files = new Map<string, string>();
    if (commit === 0) {
      for (let index = 0; index < size.files; index += 1) files.set(name(index), content(index, 0));
      files.set("README.md", `# A repository of ${size.files} files\n`);
      files.set(
        "package.json",
        `${JSON.stringify({ name: "large", private: true, type: "module" }, null, 2)}\n`,
      );
    } else {
      const index = commit % size.files;
      files.set(name(index), content(index, commit));
    }
    fast.commit({
      branch: "main",
      message: commit === 0 ? "Start" : `Revise part ${(commit % size.files) + 1}`,
      author: AUTHOR,
      seconds: FIRST_COMMIT_SECONDS + commit * 600,
      files,
    });
  }
  await fast.finish();
}
