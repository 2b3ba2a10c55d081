import { describe, expect, test } from "bun:test";
import { dirname, join, relative } from "node:path";
import { Glob } from "bun";

const root = join(import.meta.dir, "..");

/** Which of our packages each package may import. */
const packageArrows: Record<string, string[]> = {
  protocol: [],
  "git-http": [],
  addresses: [],
  pictures: [],
  worker: ["protocol", "pictures"],
  gateway: ["protocol", "git-http", "addresses"],
  coordinator: ["protocol", "addresses", "pictures"],
  client: ["protocol"],
  cli: ["client", "protocol"],
  mobile: ["client", "protocol"],
  simulators: ["git-http", "pictures"],
};

/** Packages that only these files may import, on top of the table. */
const exceptions: Record<string, string[]> = { "packages/coordinator/src/main.ts": ["gateway"] };

/** Libraries that are kept to one place, so that what they stand for can be exchanged there. */
const keptTo: Record<string, string[]> = {
  dockerode: ["packages/coordinator/src/sandbox/", "packages/cli/src/setup/"],
  kysely: ["packages/coordinator/src/database/"],
  "bun:sqlite": ["packages/coordinator/src/database/"],
  "@octokit/core": ["packages/coordinator/src/forge/"],
  "@pydantic/genai-prices": ["packages/coordinator/src/prices/"],
  "@anthropic-ai/sdk": ["packages/worker/src/"],
  "web-push": ["packages/coordinator/src/notify/"],
  "expo-server-sdk": ["packages/coordinator/src/notify/"],
  // What may be felt is a short list there, and everything else is asked for by its names.
  "expo-haptics": ["packages/mobile/src/platform/"],
  "expo-network": ["packages/mobile/src/platform/"],
};

/**
 * The app has an installation of its own, where our packages cannot be dependencies: its bundler and its compiler find
 * them by their paths.
 */
const foundByPath = (name: string, library: string) => name === "mobile" && library.startsWith("@farhand/");

/** What no file of ours imports and the app cannot do without: other libraries and the bundler take it. */
const takenByOthers = new Set([
  "@expo/metro-runtime",
  "expo",
  "expo-linking",
  "react-dom",
  "react-native-screens",
  "react-native-web",
]);

interface Import {
  file: string;
  /** Path of the imported file below the root, or the bare name of a package. */
  target: string;
}

const isTest = (file: string) => /\.test\.tsx?$|\/test\//.test(file);

async function sourceFiles(): Promise<string[]> {
  const files = await Array.fromAsync(new Glob("packages/*/{src,test}/**/*.{ts,tsx}").scan({ cwd: root }));
  return files.sort();
}

const importForms = [
  /^(?:import|export)\b[^;"'`]*?\bfrom\s*"([^"]+)"/gm,
  /^import\s*"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"/g,
  /\bcreateRequire\(import\.meta\.url\)\.resolve\("([^"]+)"/g,
];

/** Imports for types as well: an arrow is an arrow, though the compiler takes it out. */
async function importsOf(file: string): Promise<Import[]> {
  const text = await Bun.file(join(root, file)).text();
  const paths = importForms.flatMap((form) => [...text.matchAll(form)].map((match) => match[1] ?? ""));
  return [...new Set(paths)].map((path) => ({
    file,
    target: path.startsWith(".") ? relative(root, join(root, dirname(file), path)) : path,
  }));
}

const files = await sourceFiles();
/** A name without an ending stands for a file that has a sister for phones (`x.ts`, `x.native.ts`): both are imported. */
const imports = (await Promise.all(files.map(importsOf))).flat().flatMap((found) => {
  const meant = files.filter((file) =>
    [".ts", ".tsx", ".native.ts", ".native.tsx"].some((ending) => file === `${found.target}${ending}`),
  );
  return meant.length > 0 ? meant.map((target) => ({ ...found, target })) : [found];
});
const packageOf = (path: string) => path.split("/")[1] ?? "";
const ours = (target: string) => /^@farhand\/([a-z-]+)/.exec(target)?.[1] ?? null;
const bareName = (target: string) => /^(@[^/]+\/[^/]+|[^/]+)/.exec(target)?.[1] ?? target;
const describeImport = ({ file, target }: Import) => `${file} imports ${target}`;

describe("the arrows between packages", () => {
  test("are all in the table", () => {
    expect([...new Set(files.map(packageOf))].sort()).toEqual(Object.keys(packageArrows).sort());
  });

  test("point only where the table allows", () => {
    const wrong = imports.filter(({ file, target }) => {
      const to = ours(target);
      if (!to || isTest(file)) return false;
      return !packageArrows[packageOf(file)]?.includes(to) && !exceptions[file]?.includes(to);
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("never reach into another package's files", () => {
    const wrong = imports.filter(
      ({ file, target }) => target.startsWith("packages/") && packageOf(target) !== packageOf(file),
    );
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("are declared: a package imports only what its package.json names", async () => {
    const wrong: string[] = [];
    for (const name of Object.keys(packageArrows)) {
      const manifest = await Bun.file(join(root, "packages", name, "package.json")).json();
      const shipped = new Set(Object.keys(manifest.dependencies ?? {}));
      const forTests = new Set(Object.keys(manifest.devDependencies ?? {}));
      const shared = new Set(["fast-check", "bun"]);
      for (const found of imports.filter(({ file }) => packageOf(file) === name)) {
        const library = bareName(found.target);
        if (/^(packages\/|deploy\/|node:|bun:)/.test(found.target) || library === `@farhand/${name}`)
          continue;
        const allowed =
          foundByPath(name, library) ||
          shipped.has(library) ||
          (isTest(found.file) && (forTests.has(library) || shared.has(library)));
        if (!allowed && library !== "bun") wrong.push(describeImport(found));
      }
      const used = new Set(
        imports.filter(({ file }) => packageOf(file) === name).map(({ target }) => bareName(target)),
      );
      for (const library of shipped)
        if (!used.has(library) && !(name === "mobile" && takenByOthers.has(library)))
          wrong.push(`${name} declares ${library} and never imports it`);
    }
    expect(wrong).toEqual([]);
  });
});

describe("inside the coordinator", () => {
  const inside = imports.filter(({ file }) => file.startsWith("packages/coordinator/src/"));
  const folderOf = (path: string) => (path.split("/").length > 4 ? (path.split("/")[3] ?? "") : "");

  test("the domain imports nothing beside it but the protocol", () => {
    const wrong = inside.filter(({ file, target }) => {
      if (folderOf(file) !== "domain" || isTest(file)) return false;
      return target.startsWith("packages/") ? folderOf(target) !== "domain" : target !== "@farhand/protocol";
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("technology folders import the domain and not each other", () => {
    const wrong = inside.filter(({ file, target }) => {
      if (isTest(file) || !target.startsWith("packages/coordinator/src/") || folderOf(file) === "")
        return false;
      return folderOf(target) !== folderOf(file) && folderOf(target) !== "domain";
    });
    expect(wrong.map(describeImport)).toEqual([]);
  });

  test("only the programs stand above the folders, and nobody imports them", () => {
    expect(files.filter((file) => /^packages\/coordinator\/src\/[^/]+$/.test(file))).toEqual([
      "packages/coordinator/src/backup.ts",
      "packages/coordinator/src/main.ts",
      "packages/coordinator/src/rotate-master-key.ts",
    ]);
    const isProgram = (target: string) => /src\/(main|backup|rotate-master-key)\.ts$/.test(target);
    const importers = imports.filter(({ target, file }) => isProgram(target) && !isTest(file));
    expect(importers.map(describeImport)).toEqual([]);
  });
});

test("libraries that stand for a technology stay in their place", () => {
  const wrong = imports.filter(({ file, target }) => {
    const places = keptTo[bareName(target)];
    return places && !isTest(file) && !places.some((place) => file.startsWith(place));
  });
  expect(wrong.map(describeImport)).toEqual([]);
});

test("the app draws nothing with `Animated.View` and its like, whose renders are never let go of on the web", async () => {
  const found: string[] = [];
  for (const file of files.filter((it) => it.startsWith("packages/mobile/src/") && !isTest(it)))
    if (/<Animated\.|createAnimatedComponent/.test(await Bun.file(join(root, file)).text())) found.push(file);
  expect(found).toEqual([]);
});

test("there are no import cycles", () => {
  const edges = new Map<string, string[]>();
  for (const { file, target } of imports)
    if (target.startsWith("packages/")) edges.set(file, [...(edges.get(file) ?? []), target]);
  const done = new Set<string>();
  const cycles: string[] = [];
  const visit = (file: string, path: string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(" → "));
    if (done.has(file) || path.includes(file)) return;
    for (const next of edges.get(file) ?? []) visit(next, [...path, file]);
    done.add(file);
  };
  for (const file of edges.keys()) visit(file, []);
  expect(cycles).toEqual([]);
});

test("no source file is too long to be one concept", async () => {
  const long: string[] = [];
  for (const file of files.filter((it) => !isTest(it))) {
    const lines = (await Bun.file(join(root, file)).text()).split("\n").length;
    if (lines > 400) long.push(`${file}: ${lines} lines`);
  }
  expect(long).toEqual([]);
});
