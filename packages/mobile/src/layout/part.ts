/** Code that comes by itself: in browsers it is a file of its own. On phones all of the app is there at once. */
export interface Part<Screens> {
  /** What has come, or null. */
  readonly found: Screens | null;
  /** Brings it. After a failure it asks again. */
  bring(): Promise<Screens>;
}

/** @param load an `import()`, which the bundler cuts the app at */
export function part<Screens>(load: () => Promise<Screens>): Part<Screens> {
  let coming: Promise<Screens> | null = null;
  const self = {
    found: null as Screens | null,
    bring: () => {
      coming ??= load().then(
        (screens) => {
          self.found = screens;
          return screens;
        },
        (error: unknown) => {
          coming = null;
          throw error;
        },
      );
      return coming;
    },
  };
  return self;
}
