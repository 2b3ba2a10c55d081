/** Being told on this device and on others. */
export const enNotifications = {
  notifications: {
    text: "Told when a task needs you, is done or has failed: with the question or the command itself, and with buttons where your device has them. Not while you look at the task.",
    here: "On this device",
    state: {
      on: "On",
      off: "Off",
      denied: "Blocked",
      unable: "Not possible here",
    },
    denied:
      "This device does not allow it. Allow notifications for this site in the browser's settings (the icon beside the address), or for Farhand in the system's, and come back.",
    undecided: "Nothing was chosen. Switch it on again and choose “Allow”.",
    unable: {
      insecure:
        "Browsers notify on pages over https only. Open the server by its https address, or use ntfy.",
      unsupported: "This browser has no notifications, or none in private windows. Use another one, or ntfy.",
      "install-first":
        "On an iPhone or iPad, add this page to the home screen first (Share, “Add to Home Screen”) and open it from there.",
      "no-keys":
        "This build of the app has no keys of Google's or Apple's push services. Use ntfy, or make a build with your own.",
    },
    noPushService:
      "The browser could not reach its push service. Some browsers have it switched off in their settings; ntfy works everywhere.",
    kinds: {
      "needs-you": "A task needs you",
      finished: "A task is done",
      failed: "A task has failed",
    },
    kindsOf: (device: string) => `What ${device} is told`,
    test: "Send a test",
    devices: "Devices that are told",
    noDevices: "None yet",
    channel: { web: "Browser", expo: "App", ntfy: "ntfy" },
    detail: (channel: string, host: string) => `${channel}, by ${host}`,
    sent: (when: string) => `last told ${when}`,
    neverSent: "not told anything yet",
    lastError: (why: string) => `The last time it failed: ${why}`,
    remove: "Remove",
    removed: "It is told nothing any more",
    addNtfy: "Add an ntfy topic",
    ntfyText:
      "Subscribe to the topic in the ntfy app. Whoever knows a topic's name can read it, unless the server asks for a token: choose one that nobody guesses.",
    ntfyServer: "ntfy server",
    ntfyTopic: "Topic",
    ntfyToken: "Access token",
    ntfyTokenHint: "Only where the topic needs one",
    badServer: "An address looks like https://ntfy.sh.",
    badTopic: "A topic has up to 64 letters, digits, _ and -.",
    badToken: "A token has no spaces.",
    add: "Add",
    added: "Added",
    isOff: "This device is told nothing any more",
    /** Of buttons below a notification. */
    buttons: { allow: "Allow once", deny: "Deny", stop: "Stop the turn", reply: "Reply", send: "Send" },
    replyHint: "Your answer",
    /** What phones call the kinds in their own settings. */
    tests: "Tests",
  },
} as const;
