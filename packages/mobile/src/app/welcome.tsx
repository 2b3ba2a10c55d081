export { SignInScreen as default } from "../screens/sign-in/sign-in-screen.tsx";
