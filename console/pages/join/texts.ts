export const texts = {
  title: 'Accept an invitation',
  text: 'Fill in the e-mail that was invited, and choose a password.',
  email: 'E-mail',
  name: 'Your name',
  password: 'Password',
  invitation: 'Invitation',
  invitationHint: 'The text that an admin gave you.',
  submit: 'Make the account',
  made: 'Your account is made.',
  madeText: (email: string) => `Sign in as ${email}, with the password that you have chosen.`,
  signIn: 'Sign in',
};
