/** Photos and files beside a message; repositories and branches to choose from; dictation. */
export const enAttach = {
  attach: {
    add: "Attach photos or files",
    addShort: "Attach",
    photos: "Photos",
    files: "Files",
    list: "Attached",
    remove: (name: string) => `Remove ${name}`,
    added: (count: number) => (count === 1 ? "1 attached" : `${count} attached`),
    failed: "It could not be read.",
    open: (name: string) => `Open ${name}`,
    download: (name: string) => `Download ${name}`,
    save: "Download",
    picture: (name: string) => `Picture ${name}`,
    notHere: "It shows when the server answers.",
    dropHere: "Drop to attach",
    /** Sent with pictures and files that nobody has said anything about. */
    look: "Look at what is attached.",
  },
  repositories: {
    yours: (forge: string) => `On ${forge}`,
    asking: "Asking the forges",
    kept: "From this device: the server does not answer.",
    notConnected: "Connect GitHub or GitLab in the settings, and your repositories are listed here.",
    private: "private",
    more: "There are more. Search to narrow them down.",
    branches: "Branches",
    defaultBranch: "The default one",
    noBranches: "The branches cannot be listed; enter the name.",
    branchSearch: "Search, or enter a branch",
  },
  dictation: {
    noneInBrowser: "This browser cannot take dictation. Your keyboard or system may.",
    phone: "To dictate, use the microphone of your keyboard.",
  },
} as const;
