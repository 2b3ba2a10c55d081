const path = require("node:path");
const { getDefaultConfig } = require("expo/metro-config");

const packages = path.resolve(__dirname, "..");

/** What is found by its path. First our own packages, taken as source: their dependencies are installed apart from this one's. */
const BY_PATH = Object.fromEntries(
  ["client", "protocol"].flatMap((name) => {
    const { exports } = require(path.join(packages, name, "package.json"));
    return Object.entries(exports).map(([entry, file]) => [
      `@farhand/${name}${entry.slice(1)}`,
      path.join(packages, name, file),
    ]);
  }),
);

/** The entry of `lowlight` brings every language there is; the app names the few that it takes. */
BY_PATH.lowlight = path.join(__dirname, "node_modules/lowlight/lib/index.js");

const config = getDefaultConfig(__dirname);
config.watchFolders = [path.join(packages, "client"), path.join(packages, "protocol")];
config.resolver.nodeModulesPaths = [path.join(__dirname, "node_modules")];
config.resolver.resolveRequest = (context, name, platform) => {
  const own = BY_PATH[name];
  return own ? { type: "sourceFile", filePath: own } : context.resolveRequest(context, name, platform);
};

module.exports = config;
