// A wallet is here and closed.
import { alertBox, element, field, form, note, paragraph } from './dom.js';
import { askPasskey, passkeysArePossible } from './passkey.js';
import { hiddenName } from './view-start.js';

export function unlock(app, status) {
  const passphrase = field('passphrase', app.say('unlock.passphrase'), { type: 'password', autocomplete: 'current-password' });
  async function opened(lost) {
    passphrase.input.value = '';
    await app.opened();
    app.lost = lost;
    app.route();
  }
  const withPasskey = status.passkeys.length > 0 && passkeysArePossible() && app.button('unlock-passkey', 'unlock.with-passkey', () => app.attempt(async () => {
    let given;
    try { given = await askPasskey(status.passkeys); } catch { return app.announce(app.say('unlock.passkey-declined')); }
    if (!given) return app.announce(app.say('unlock.passkey-nothing'));
    await opened(await app.ask('unlock', given, { transfer: [given.prf.buffer] }));
  }), { class: 'quiet' });
  app.show('unlock.title',
    app.timedOut && note('timed-out', paragraph(app.say('unlock.timed-out'))),
    app.task && paragraph(app.say(`unlock.task-${app.task.kind}`)),
    form('unlock-form', async () => {
      passphrase.wrong(null);
      if (!passphrase.input.value) return passphrase.wrong(app.say('passphrase.missing'));
      app.announce(app.say('unlock.working'));
      try {
        await opened(await app.ask('unlock', { passphrase: passphrase.input.value }));
      } catch (error) {
        app.announce('');
        if (error.code === 'wrong-passphrase') return passphrase.wrong(app.explain(error));
        if (error.code !== 'cancelled') app.complain(error);
      }
    },
    hiddenName(app), passphrase.row,
    element('p', { class: 'buttons' }, element('button', { id: 'unlock' }, app.say('unlock.go')), withPasskey,
      app.task && app.button('leave-task', 'action.cancel', () => app.leaveTask(), { class: 'quiet' }))),
    element('details', { id: 'forgotten' }, element('summary', {}, app.say('unlock.forgotten')), paragraph(app.say('unlock.forgotten-how')),
      element('p', {}, element('a', { href: '#delete' }, app.say('unlock.to-delete')))));
  app.timedOut = false;
}

export function elsewhere(app) {
  app.show('elsewhere.title', paragraph(app.say('elsewhere.intro')),
    element('p', { class: 'buttons' }, app.button('take-over', 'elsewhere.take', () => app.attempt(() => app.takeOver()))));
}

/** What is stored cannot be read. */
export function unreadable(app, error) {
  app.show('unreadable.title', alertBox('failure', paragraph(app.explain(error))),
    element('p', { class: 'buttons' },
      app.button('again', 'action.again', () => location.reload()),
      error.code === 'vault-damaged' && element('a', { href: '#delete', class: 'button quiet', id: 'to-delete' }, app.say('unlock.to-delete'))));
}
