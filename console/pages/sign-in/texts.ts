export const texts = {
  title: 'Sign in',
  email: 'E-mail',
  password: 'Password',
  submit: 'Sign in',
  ended: 'Your session is over. Sign in to go on where you were.',
  first: {
    title: 'Signing in for the first time?',
    text: 'Wheelhouse made an admin at its first start. The e-mail and the password are in the terminal where it was started, under "Sign in" and "Password"; a password that you set yourself is in WHEELHOUSE_ADMIN_PASSWORD.',
    invited: 'Somebody invited you:',
    join: 'accept the invitation',
  },
  wrong: 'The e-mail or the password is wrong.',
  disabled: 'This account is disabled. An admin can enable it again.',
  throttled: (seconds: number | null) =>
    seconds === null
      ? 'There were too many tries. Wait a little, then try again.'
      : `There were too many tries. Try again in ${seconds} ${seconds === 1 ? 'second' : 'seconds'}.`,
  away: 'The accounts do not answer at the moment. Your password was not checked; try again in a few seconds.',
  other: (code: string, message: string) => `${message || 'Signing in failed.'} (${code || 'no code'})`,
};
