// What is said before anybody is signed in: it comes with the first script, and nothing else of `text.ts` does.

/** Of every date in words. */
export const LANGUAGE = "en";

export const firstText = {
  product: "Tandem",
  tagline: "Your tasks, and nobody else's.",
  starting: "Opening your tasks",
  tryAgain: "Try again",

  noNetwork: "You are offline.",
  leftover: (count: number, email: string) =>
    `${count === 1 ? "A change" : `${count} changes`} of ${email} could not be saved before the session ended. Sign in as ${email} to save ${count === 1 ? "it" : "them"}.`,
  discardAll: "Discard them",

  signUp: "Create account",
  signIn: "Sign in",
  signingUp: "Creating your account",
  signingIn: "Signing in",
  signUpTitle: "Create your account",
  signInTitle: "Welcome back",
  toSignUp: "New here?",
  toSignIn: "Have an account?",

  email: "Email",
  password: "Password",
  displayName: "Name",
  optional: "optional",
  passwordHint: "At least 8 characters. Several unusual words are easier to remember, and stronger.",
  showPassword: "Show",
  hidePassword: "Hide",
  sessionEnded: "Your session has ended; sign in to go on.",
  mailFirst: "A mail is on its way to you. Open the link in it, then sign in.",
  sendAgain: "Send the mail again",

  forgot: "Forgot password?",
  forgotTitle: "Forgot your password?",
  forgotHint: "We send a link for a new password to your email.",
  sendLink: "Send link",
  sending: "Sending",
  resetSent: "If there is an account with this email, a mail is on its way. Look into your spam folder, too.",
  anotherMail: "Ask for another mail",
  backToSignIn: "Back to sign-in",

  code: "Code from the mail",
  verifyTitle: "Confirm your email",
  verify: "Confirm email",
  verifying: "Confirming",
  verified: (email: string) => `${email} is confirmed.`,
  resetTitle: "Choose a new password",
  reset: "Set password",
  resetting: "Setting password",
  resetDone: "Your new password is set, and all sessions have ended. Sign in with it.",
  goOn: "Go to Tandem",

  newPassword: "New password",
  unreachable: "Tandem cannot be reached. Check your connection, then try again.",

  accountDeleted: "Your account is deleted.",
  deletedUntil: (when: string) => `Your account will be deleted on ${when}. Sign in before then to keep it.`,
};
