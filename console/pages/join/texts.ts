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
  signIn: 'Sign in',
};
