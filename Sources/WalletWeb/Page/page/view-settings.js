// Settings, and what is done with the wallet as a whole.
import { alertBox, element, field, form, note, paragraph, tick } from './dom.js';
import { files } from './files.js';
import { makePasskey, passkeysArePossible } from './passkey.js';
import { hiddenName, newPassphrase, wordList } from './view-start.js';
import { Refused } from './wallet.js';
import { languages, Words } from './words.js';

const sessions = [0, 5, 15, 60, 8 * 60];

function section(app, key, ...nodes) {
  return element('section', { 'aria-labelledby': `${key}-heading` }, app.heading(`settings.${key}`, `${key}-heading`), nodes);
}

function select(id, label, options, chosen, onchange) {
  const made = element('select', { id, onchange: () => onchange(made.value) },
    options.map(([value, text, lang]) => element('option', { value, lang, selected: value === chosen }, text)));
  return element('div', { class: 'field' }, element('label', { for: id }, label), made);
}

export function languageSelect(app) {
  return select('language', app.say('settings.language-label'), Object.entries(languages).map(([code, name]) => [code, name, code]), app.words.language, async (code) => {
    Words.choose(code);
    await app.attempt(async () => {
      app.words = await Words.load(code);
      app.dress();
      if (app.redraw) app.redraw();
      else app.route();
    });
  });
}

function passkeys(app, status) {
  if (!passkeysArePossible()) return app.paragraph('settings.passkey-impossible');
  return [
    app.paragraph('settings.passkey-intro'),
    status.passkeys.length > 0 && element('ul', { id: 'passkeys' }, status.passkeys.map((one, place) => element('li', {}, app.say('settings.passkey-since', { time: app.words.time(one.made) }), ' ',
      app.button(`remove-passkey-${place}`, 'settings.passkey-remove', () => app.attempt(async () => {
        await app.ask('remove-passkey', { credential: one.credential });
        await settings(app);
        app.announce(app.say('settings.passkey-removed'));
      }), { class: 'quiet', 'aria-label': app.say('settings.passkey-remove-one', { time: app.words.time(one.made) }) })))),
    element('p', {}, element('a', { href: '#passkey', id: 'to-passkey' }, app.say('settings.passkey-add'))),
  ];
}

export async function settings(app) {
  const [status, kept] = [await app.ask('status'), await app.ask('settings')];
  const isPersistent = await navigator.storage?.persisted?.() ?? false;
  app.show('settings.title',
    section(app, 'safety',
      element('ul', {},
        element('li', {}, element('a', { href: '#backup', id: 'to-backup' }, app.say('backup.title'))),
        element('li', {}, element('a', { href: '#words', id: 'to-words' }, app.say('words.title'))),
        element('li', {}, element('a', { href: '#passphrase', id: 'to-passphrase' }, app.say('change.title')))),
      note('storage', app.paragraph(isPersistent ? 'settings.persistent' : 'settings.not-persistent'),
        !isPersistent && app.button('persist', 'settings.persist', async () => {
          if (await navigator.storage?.persist?.()) await settings(app);
          else app.announce(app.say('settings.persist-declined'));
        }, { class: 'quiet' }))),
    section(app, 'passkey', passkeys(app, status)),
    section(app, 'session', app.paragraph('settings.session-intro'),
      select('minutes', app.say('settings.session-label'), sessions.map((minutes) => [String(minutes), minutes === 0 ? app.say('settings.session-none') : app.words.minutes(minutes)]),
        String(kept.minutes), (minutes) => app.attempt(async () => {
          await app.ask('set-minutes', { minutes: Number(minutes) });
          app.announce(app.say('settings.kept'));
        }))),
    section(app, 'links', app.paragraph('settings.links-intro'),
      navigator.registerProtocolHandler ? app.button('register-links', 'settings.links-register', () => {
        try {
          navigator.registerProtocolHandler('web+symbolon', `${location.origin}${location.pathname}#link=%s`);
          app.announce(app.say('settings.links-asked'));
        } catch { app.announce(app.say('settings.links-failed')); }
      }, { class: 'quiet' }) : app.paragraph('settings.links-failed')),
    section(app, 'delete', app.paragraph('settings.delete-intro'), element('p', {}, element('a', { href: '#delete', id: 'to-delete' }, app.say('delete.title')))),
    paragraph(app.say('settings.version', { version: files.version }), { class: 'hint', id: 'version' }));
}

function passphraseField(app) {
  return field('passphrase', app.say('unlock.passphrase'), { type: 'password', autocomplete: 'current-password' });
}

/** Runs something that wants the passphrase; a wrong one is said at its field. */
async function withPassphrase(app, passphrase, body) {
  passphrase.wrong(null);
  if (!passphrase.input.value) return passphrase.wrong(app.say('passphrase.missing'));
  app.announce(app.say('unlock.working'));
  try { await body(passphrase.input.value); } catch (error) {
    app.announce('');
    if (error.code === 'wrong-passphrase') return passphrase.wrong(app.explain(error));
    await app.attempt(() => { throw error; });
  }
}

function buttons(app, id, key) {
  return element('p', { class: 'buttons' }, element('button', { id }, app.say(key)), app.button('back', 'action.back', () => app.go('#settings'), { class: 'quiet' }));
}

export function backup(app) {
  const passphrase = passphraseField(app);
  app.show('backup.title', app.paragraph('backup.intro'), app.paragraph('backup.old'),
    form('backup-form', () => withPassphrase(app, passphrase, async (value) => {
      const bytes = await app.ask('backup', { passphrase: value });
      const address = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
      const day = new Date().toISOString().slice(0, 10);
      element('a', { href: address, download: `symbolon-${day}.wallet` }).click();
      setTimeout(() => URL.revokeObjectURL(address), 60_000);
      passphrase.input.value = '';
      app.announce(app.say('backup.done'));
    }),
    hiddenName(app), passphrase.row, buttons(app, 'backup', 'backup.go')));
}

export function showWords(app) {
  const passphrase = passphraseField(app);
  app.show('words.title', app.paragraph('words.intro'),
    form('words-form', () => withPassphrase(app, passphrase, async (value) => {
      const phrase = await app.ask('phrase', { passphrase: value });
      app.show('words.title', wordList(phrase), app.paragraph('make.secret'), element('p', {}, app.button('back', 'words.hide', () => app.go('#settings'))));
    }),
    hiddenName(app), passphrase.row, buttons(app, 'show-words', 'words.go')));
}

export function changePassphrase(app) {
  const [from, to] = [passphraseField(app), newPassphrase(app)];
  app.show('change.title', app.paragraph('change.intro'),
    form('change-form', async () => {
      const value = to.value();
      if (value === null) return;
      await withPassphrase(app, from, async (old) => {
        await app.ask('change-passphrase', { from: old, to: value });
        app.later = app.say('change.done');
        app.go('#settings');
      });
    },
    hiddenName(app), from.row, to.row, buttons(app, 'change', 'change.go')));
}

export function addPasskey(app) {
  const passphrase = passphraseField(app);
  app.show('passkey.title', app.paragraph('passkey.intro'),
    form('passkey-form', () => withPassphrase(app, passphrase, async (value) => {
      let made;
      try { made = await makePasskey(app.say('app.name')); } catch { return app.announce(app.say('unlock.passkey-declined')); }
      if (!made) throw new Refused({ code: 'passkey-output' });
      await app.ask('add-passkey', { ...made, passphrase: value, name: '' }, { transfer: [made.prf.buffer] });
      app.later = app.say('passkey.done');
      app.go('#settings');
    }),
    hiddenName(app), passphrase.row, buttons(app, 'add-passkey', 'passkey.go')));
}

export function remove(app) {
  const agreed = tick('agree-delete', app.say('delete.agree'), 'agree-missing');
  const missing = element('p', { id: 'agree-missing', class: 'error', hidden: true }, app.say('delete.agree-missing'));
  app.show('delete.title', alertBox('delete-warning', app.paragraph('delete.lost')),
    element('ul', {}, ['delete.lost-credentials', 'delete.lost-history', 'delete.not-lost'].map((key) => element('li', {}, app.say(key)))),
    form('delete-form', async () => {
      missing.hidden = agreed.input.checked;
      if (!agreed.input.checked) return agreed.input.focus();
      await app.attempt(async () => {
        await app.wallet.close('delete');
        await app.deleted();
        app.later = app.say('delete.done');
        app.go('');
      });
    },
    agreed.row, missing,
    element('p', { class: 'buttons' }, element('button', { id: 'delete-everything', class: 'danger' }, app.say('delete.go')),
      app.button('back', 'action.back', () => app.go(''), { class: 'quiet' }))));
}
