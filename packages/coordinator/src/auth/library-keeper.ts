import { CLIENTS, createLibrary, type Library, type LibraryOptions } from "./library.ts";
import { type ProviderSettings, providerConfigs } from "./providers.ts";

export interface LibraryKeeper {
  library(): Promise<Library>;
  /** The same, after asking again for a provider that did not answer before. @returns null while it does not */
  withProvider(id: string): Promise<Library | null>;
}

/** Makes the library when it is first needed: only then is it known which address the server has. */
export function createLibraryKeeper(
  settings: ProviderSettings,
  options: () => Omit<LibraryOptions, "providers">,
  forgetSigningKeys: () => Promise<void>,
): LibraryKeeper {
  interface Kept {
    library: Library;
    providers: Set<string>;
  }
  let kept: Promise<Kept> | null = null;

  async function make(): Promise<Kept> {
    const configs = await providerConfigs(settings);
    const library = createLibrary({ ...options(), providers: configs });
    await seedClients(library);
    await checkSigningKeys(library);
    return { library, providers: new Set(configs.map(({ providerId }) => providerId)) };
  }

  /** One that could not be made is not kept: the next request tries again. */
  function current(): Promise<Kept> {
    kept ??= make().catch((error: unknown) => {
      kept = null;
      throw error;
    });
    return kept;
  }

  async function checkSigningKeys(library: Library): Promise<void> {
    const sign = () => library.api.signJWT({ body: { payload: { sub: "check" } } });
    try {
      await sign();
    } catch {
      // They were sealed under another master key. Tokens that they signed live for minutes; the next are signed anew.
      await forgetSigningKeys();
      await sign();
    }
  }

  return {
    library: async () => (await current()).library,
    async withProvider(id) {
      if ((await current()).providers.has(id)) return (await current()).library;
      kept = null;
      const { library, providers } = await current();
      return providers.has(id) ? library : null;
    },
  };
}

/** The clients are part of the program, and in the database only because tokens point at them there. */
async function seedClients(library: Library): Promise<void> {
  const { adapter } = await library.$context;
  for (const { clientId, name, redirectUris, grantTypes, applicationType } of CLIENTS) {
    const where = [{ field: "clientId", value: clientId }];
    const data = {
      name,
      redirectUris: [...redirectUris],
      grantTypes: [...grantTypes],
      responseTypes: ["code"],
      scopes: ["offline_access"],
      tokenEndpointAuthMethod: "none",
      applicationType,
      requirePKCE: true,
      skipConsent: false,
      disabled: false,
      updatedAt: new Date(),
    };
    if (await adapter.findOne({ model: "oauthClient", where }))
      await adapter.update({ model: "oauthClient", where, update: data });
    else await adapter.create({ model: "oauthClient", data: { ...data, clientId, createdAt: new Date() } });
  }
}
