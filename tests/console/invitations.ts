import { expect, it } from 'vitest';
import type { House } from '../access/house.ts';
import { seriousFaults, tabTo, type Visitor } from './browser.ts';

const INVITE =
  'mutation ($input: InviteUserInput!) { inviteUser(input: $input) { invitation userErrors { field code message } } }';

/** Somebody is invited by mistake. */
export function itTakesInvitationsBack({ admin, house }: { admin: () => Visitor; house: () => House }): void {
  it('invites somebody and takes the invitation back, by keyboard alone', async () => {
    const { page, goTo } = admin();
    const { keyboard } = page;
    const dialog = page.getByRole('dialog');
    // It stays, so that whoever looks at every page sees some.
    const input = { email: 'waits@example.org', grants: [{ role: 'VIEWER', site: 'museum/foyer' }] };
    await house().told(house().chief, INVITE, { input });
    await goTo('/admin/users');
    await page.getByRole('button', { name: 'Invite somebody' }).press('Enter');
    await tabTo(page, dialog.getByLabel('E-mail'));
    await keyboard.type('regretted@example.org');
    expect(await seriousFaults(page)).toEqual([]);
    await tabTo(page, dialog.getByRole('button', { name: 'Make the invitation' }));
    await keyboard.press('Enter');
    await dialog.getByText('The invitation is made').waitFor();
    expect(await dialog.getByLabel('Link').inputValue()).toMatch(/\/join#invitation=whi_/);
    await tabTo(page, dialog.getByRole('button', { name: 'Done' }));
    await keyboard.press('Enter');
    const invitations = page.getByRole('region', { name: 'Invitations', exact: true });
    await invitations.getByText('waits@example.org').waitFor();
    await page.getByRole('button', { name: 'Take back the invitation of regretted@example.org' }).press('Enter');
    await tabTo(page, page.getByRole('alertdialog').getByLabel('Why, for the audit log'));
    await keyboard.type('another address');
    await tabTo(page, page.getByRole('alertdialog').getByRole('button', { name: 'Take back', exact: true }));
    await keyboard.press('Enter');
    await invitations.getByText('regretted@example.org').waitFor({ state: 'detached' });
    // Whoever has no mouse is not sent back to the top of the page.
    await page.locator('.data-table:focus').waitFor();
    await goTo('/admin/audit?action=accounts.revokeInvitation');
    await page.getByRole('button', { name: /Details of accounts.revokeInvitation/ }).click();
    await page.getByText('another address').waitFor();
  });
}
