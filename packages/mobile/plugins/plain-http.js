const { withAndroidManifest } = require("expo/config-plugins");

/**
 * Lets the Android app speak plain http, as a server of one's own at home is often reached (iOS has a rule for just that;
 * Android knows only all or nothing). The app itself says before signing in that what goes there can be read on the way.
 */
module.exports = (config) =>
  withAndroidManifest(config, (manifest) => {
    const [application] = manifest.modResults.manifest.application;
    application.$["android:usesCleartextTraffic"] = "true";
    return manifest;
  });
