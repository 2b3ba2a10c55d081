export { createRepositoryLister } from "./list-repositories.ts";
export { parseRepository, type RepositoryAddress, repositoryName } from "./repository-address.ts";
export { createUserForges } from "./user-forges.ts";
