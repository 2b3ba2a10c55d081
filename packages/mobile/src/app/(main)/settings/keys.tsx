export { KeysScreen as default } from "../../../screens/settings/keys-screen.tsx";
