import { Redirect } from "expo-router";

/** Where the system's browser comes back to. Who has asked takes the answer itself; this is for what comes too late. */
export default function AuthCallback() {
  return <Redirect href="/" />;
}
