export { ForgesScreen as default } from "../../../screens/settings/forges-screen.tsx";
