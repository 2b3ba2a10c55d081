export { EgressScreen as default } from "../../../screens/settings/egress-screen.tsx";
