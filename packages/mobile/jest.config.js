const path = require("node:path");

const packages = path.resolve(__dirname, "..");

module.exports = {
  preset: "jest-expo/ios",
  roots: ["<rootDir>/src"],
  testMatch: ["**/*.test.{ts,tsx}"],
  setupFiles: ["<rootDir>/test/set-up.ts"],
  moduleNameMapper: {
    "^@farhand/client/app$": path.join(packages, "client/src/app.ts"),
    "^@farhand/protocol$": path.join(packages, "protocol/src/index.ts"),
    "^@farhand/protocol/fixtures$": path.join(packages, "protocol/fixtures/index.ts"),
    "^@farhand/protocol/constants$": path.join(packages, "protocol/src/constants.ts"),
    // Its package names an entry for imports only, and the runner asks as for `require`.
    "^remend$": "<rootDir>/node_modules/remend/dist/index.js",
    "^lowlight$": "<rootDir>/node_modules/lowlight/lib/index.js",
  },
  // Modules that come as ES modules alone have to be translated for the test runner like our own.

  // Modules that come as ES modules alone have to be translated for the test runner like our own.
  transformIgnorePatterns: [
    "/node_modules/(?!((jest-)?react-native|@react-native(-community)?|expo|@expo|@legendapp|marked|remend|lowlight|devlop|dequal|highlight.js))",
  ],
  // Two that are shared with other work: more would only wait for each other.
  maxWorkers: 2,
  // A busy machine is no fault; what takes longer is one.
  testTimeout: 60_000,
};
