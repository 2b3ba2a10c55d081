/**
 * What the app is to phones and stores. It asks for the camera alone, and only when somebody scans a code.
 * @type {import("expo/config").ExpoConfig}
 */
const config = {
  name: "Farhand",
  slug: "farhand",
  scheme: "farhand",
  version: "0.1.0",
  orientation: "default",
  icon: "./assets/icon.png",
  userInterfaceStyle: "automatic",
  ios: {
    bundleIdentifier: "app.farhand.mobile",
    supportsTablet: true,
    config: { usesNonExemptEncryption: false },
    infoPlist: {
      NSCameraUsageDescription: "Farhand scans the code that signs this device in.",
      // A server of one's own at home is often reached by plain http; away from home it is not.
      NSAppTransportSecurity: { NSAllowsLocalNetworking: true },
      NSLocalNetworkUsageDescription: "Farhand connects to your own server when it is in this network.",
    },
  },
  android: {
    package: "app.farhand.mobile",
    adaptiveIcon: { foregroundImage: "./assets/adaptive-icon.png", backgroundColor: "#1f5fd0" },
    permissions: ["android.permission.CAMERA", "android.permission.INTERNET", "android.permission.VIBRATE"],
    blockedPermissions: [
      "android.permission.RECORD_AUDIO",
      "android.permission.READ_EXTERNAL_STORAGE",
      "android.permission.WRITE_EXTERNAL_STORAGE",
      "android.permission.SYSTEM_ALERT_WINDOW",
    ],
    allowBackup: false,
  },
  web: { bundler: "metro", output: "single" },
  plugins: [
    "expo-router",
    "expo-secure-store",
    "expo-web-browser",
    [
      "expo-camera",
      { cameraPermission: "Farhand scans the code that signs this device in.", recordAudioAndroid: false },
    ],
    [
      "expo-splash-screen",
      {
        image: "./assets/splash.png",
        imageWidth: 160,
        backgroundColor: "#f6f7f9",
        dark: { image: "./assets/splash.png", backgroundColor: "#0f1216" },
      },
    ],
    "expo-sqlite",
  ],
};

module.exports = config;
