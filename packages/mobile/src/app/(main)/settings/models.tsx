export { ModelsScreen as default } from "../../../screens/settings/models-screen.tsx";
