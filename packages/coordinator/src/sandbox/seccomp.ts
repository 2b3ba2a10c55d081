import profile from "../../../../deploy/seccomp.json";

/**
 * The system calls that a sandbox may make, in the engine's own form. What is not on the list is answered with EPERM;
 * each entry's `comment` says what it is there for, and the tests try what is left out.
 */
export const seccompProfile = JSON.stringify(profile);
