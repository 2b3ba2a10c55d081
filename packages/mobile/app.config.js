/** One of Apple's "required reason" interfaces, and the number of the reason. */
const reason = (api, number) => ({
  NSPrivacyAccessedAPIType: `NSPrivacyAccessedAPICategory${api}`,
  NSPrivacyAccessedAPITypeReasons: [number],
});

/**
 * The Expo project whose keys of Apple's and Google's push services a build uses. Without one the app offers ntfy, and is
 * no app with notifications to Apple: their entitlement needs a paid account.
 */
const pushProject = process.env.FARHAND_EXPO_PROJECT;

/**
 * What the app is to phones and stores. It asks for the camera, and only when somebody scans a code; and to notify, only when
 * somebody switches that on. Whether there is a network, it may see unasked.
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
    // What the store asks every app for. The reasons are those of React Native and Expo: own files, own preferences, timers.
    privacyManifests: {
      NSPrivacyTracking: false,
      NSPrivacyTrackingDomains: [],
      NSPrivacyCollectedDataTypes: [],
      NSPrivacyAccessedAPITypes: [
        reason("FileTimestamp", "C617.1"),
        reason("UserDefaults", "CA92.1"),
        reason("SystemBootTime", "35F9.1"),
        reason("DiskSpace", "E174.1"),
      ],
    },
  },
  android: {
    package: "app.farhand.mobile",
    adaptiveIcon: { foregroundImage: "./assets/adaptive-icon.png", backgroundColor: "#1f5fd0" },
    permissions: [
      // To connect anew as soon as the network changes.
      "android.permission.ACCESS_NETWORK_STATE",
      "android.permission.CAMERA",
      "android.permission.INTERNET",
      "android.permission.POST_NOTIFICATIONS",
      "android.permission.VIBRATE",
    ],
    blockedPermissions: [
      // Comes with the above, for the names of networks, which are nobody's business.
      "android.permission.ACCESS_WIFI_STATE",
      "android.permission.RECORD_AUDIO",
      "android.permission.READ_EXTERNAL_STORAGE",
      // For notifications that an app plans by itself, after a restart: ours all come from the server.
      "android.permission.RECEIVE_BOOT_COMPLETED",
      "android.permission.WRITE_EXTERNAL_STORAGE",
      "android.permission.SYSTEM_ALERT_WINDOW",
    ],
    allowBackup: false,
  },
  web: { bundler: "metro", output: "single" },
  plugins: [
    "expo-router",
    ["expo-secure-store", { faceIDPermission: false }],
    "expo-web-browser",
    [
      "expo-camera",
      {
        cameraPermission: "Farhand scans the code that signs this device in.",
        microphonePermission: false,
        recordAudioAndroid: false,
      },
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
    // The system's own picker gives the photos that one chooses, so the app needs to see no others.
    [
      "expo-image-picker",
      {
        photosPermission: false,
        microphonePermission: false,
        cameraPermission: "Farhand scans the code that signs this device in.",
      },
    ],
    pushProject
      ? ["expo-notifications", { color: "#1f5fd0", defaultChannel: "needs-you", mode: "production" }]
      : "./plugins/without-push.js",
    "./plugins/plain-http.js",
  ],
  extra: pushProject ? { eas: { projectId: pushProject } } : {},
};

module.exports = config;
