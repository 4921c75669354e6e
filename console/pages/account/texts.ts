export const texts = {
  title: 'Your account',
  who: (name: string, email: string) => `${name}, ${email}`,
  may: 'What you may do',
  everywhere: 'Everywhere:',
  at: (sites: string) => `At ${sites}, and below:`,
  change: 'Change your password',
  consequence: 'All your other sessions end: on other machines, and in other browsers.',
  current: 'Password so far',
  next: 'New password',
  nextHint: '12 to 128 characters, whichever you like; not your e-mail.',
  submit: 'Change the password',
  done: 'Your password is changed. All your other sessions are over.',
};
