const path = require("node:path");
const { getDefaultConfig } = require("expo/metro-config");

const packages = path.resolve(__dirname, "..");

/** Our own packages, which this one takes as source: its dependencies are installed apart from theirs. */
const OURS = Object.fromEntries(
  ["client", "protocol"].flatMap((name) => {
    const { exports } = require(path.join(packages, name, "package.json"));
    return Object.entries(exports).map(([entry, file]) => [
      `@farhand/${name}${entry.slice(1)}`,
      path.join(packages, name, file),
    ]);
  }),
);

const config = getDefaultConfig(__dirname);
config.watchFolders = [path.join(packages, "client"), path.join(packages, "protocol")];
config.resolver.nodeModulesPaths = [path.join(__dirname, "node_modules")];
config.resolver.resolveRequest = (context, name, platform) => {
  const own = OURS[name];
  return own ? { type: "sourceFile", filePath: own } : context.resolveRequest(context, name, platform);
};

module.exports = config;
