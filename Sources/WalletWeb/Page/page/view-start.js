// Where there is no wallet yet: make one, or bring one back.
import { alertBox, button, element, field, form, list, paragraph } from './dom.js';
import { strength } from './strength.js';

const interrupted = 'symbolon.making';

/** Two fields for a new passphrase, with advice; `value()` says what is wrong in them, or returns it. */
export function newPassphrase(app) {
  const first = field('new-passphrase', app.say('passphrase.new'), { type: 'password', autocomplete: 'new-password' }, app.say('passphrase.hint'));
  const second = field('new-passphrase-again', app.say('passphrase.again'), { type: 'password', autocomplete: 'new-password' });
  const advice = element('p', { id: 'passphrase-advice', class: 'hint', role: 'status' });
  first.input.addEventListener('input', () => {
    advice.textContent = first.input.value ? app.say(`passphrase.${strength(first.input.value)}`) : '';
  });
  return {
    row: [first.row, advice, second.row],
    value() {
      first.wrong(null);
      second.wrong(null);
      const judged = strength(first.input.value);
      if (judged === 'short' || judged === 'guessable') {
        advice.textContent = '';
        return first.wrong(app.say(`passphrase.${judged}`)) ?? null;
      }
      if (first.input.value !== second.input.value) return second.wrong(app.say('passphrase.differ')) ?? null;
      return first.input.value;
    },
  };
}

/** A password manager wants a name beside what it keeps. */
export function hiddenName(app) {
  return element('input', { type: 'text', name: 'username', autocomplete: 'username', value: app.say('app.name'), hidden: true });
}

export function welcome(app) {
  const wasInterrupted = sessionStorage.getItem(interrupted) !== null;
  sessionStorage.removeItem(interrupted);
  app.show('welcome.title',
    wasInterrupted && alertBox('interrupted', app.say('welcome.interrupted')),
    app.task && paragraph(app.say(`welcome.task-${app.task.kind}`)),
    paragraph(app.say('welcome.intro')),
    list([app.say('welcome.here'), app.say('welcome.words'), app.say('welcome.private')]),
    element('p', { class: 'buttons' },
      button('make-wallet', app.say('welcome.make'), () => app.go('#make')),
      button('bring-back', app.say('welcome.bring-back'), () => app.go('#bring-back'), { class: 'quiet' })),
    element('h2', {}, app.say('welcome.lost-title')), paragraph(app.say('welcome.lost')));
}

/** Three words of 24, at places that differ. */
function places() {
  const all = Array.from({ length: 24 }, (_, place) => place);
  const chosen = [];
  while (chosen.length < 3) chosen.push(...all.splice(crypto.getRandomValues(new Uint32Array(1))[0] % all.length, 1));
  return chosen.sort((a, b) => a - b);
}

export async function make(app) {
  const phrase = await app.ask('new-phrase');
  sessionStorage.setItem(interrupted, '1');
  app.keepPage(true);
  words(app, phrase);
}

export function wordList(text) {
  return element('ol', { id: 'words', class: 'words', translate: 'no', lang: 'en' }, text.split(' ').map((word) => element('li', {}, word)));
}

function words(app, phrase) {
  app.show('make.title',
    paragraph(app.say('make.intro')),
    wordList(phrase),
    list([app.say('make.paper'), app.say('make.secret'), app.say('make.once')]),
    element('p', { class: 'buttons' },
      button('words-written', app.say('make.written'), () => check(app, phrase)),
      button('make-stop', app.say('action.cancel'), () => stop(app), { class: 'quiet' })));
  app.redraw = () => words(app, phrase);
}

function stop(app) {
  sessionStorage.removeItem(interrupted);
  app.keepPage(false);
  app.go('');
}

function check(app, phrase) {
  const all = phrase.split(' ');
  const asked = places().map((place) => ({
    place, ...field(`word-${place + 1}`, app.say('check.word', { place: place + 1 }),
      { type: 'text', autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false' }),
  }));
  app.show('check.title', paragraph(app.say('check.intro')),
    form('check-form', () => {
      for (const one of asked) one.wrong(null);
      const wrong = asked.find(({ place, input }) => input.value.trim().toLowerCase() !== all[place]);
      if (wrong) return wrong.wrong(app.say('check.wrong', { place: wrong.place + 1 }));
      passphrase(app, (chosen) => app.ask('create', { phrase, isRestored: false, passphrase: chosen }));
    },
    asked.map(({ row }) => row),
    element('p', { class: 'buttons' }, element('button', { id: 'check-words' }, app.say('action.next')),
      button('words-again', app.say('check.again'), () => words(app, phrase), { class: 'quiet' }))));
  app.redraw = () => check(app, phrase);
}

/** The last step of making and bringing back. */
function passphrase(app, keep, isRestored = false) {
  const chosen = newPassphrase(app);
  app.show('passphrase.title', paragraph(app.say('passphrase.intro')),
    form('passphrase-form', async () => {
      const value = chosen.value();
      if (value === null) return;
      app.announce(app.say('passphrase.working'));
      await app.attempt(async () => {
        await keep(value);
        await made(app, isRestored);
      });
    },
    hiddenName(app), chosen.row,
    element('p', { class: 'buttons' }, element('button', { id: 'keep-wallet' }, app.say('passphrase.keep')),
      button('make-stop', app.say('action.cancel'), () => stop(app), { class: 'quiet' }))));
  app.redraw = () => passphrase(app, keep, isRestored);
}

async function made(app, isRestored = false) {
  sessionStorage.removeItem(interrupted);
  app.keepPage(false);
  // Asked for now, when it has a reason that its owner can see.
  await navigator.storage?.persist?.();
  await app.opened();
  app.go(isRestored ? '#find' : '');
}

/** By words or by file. */
export function bringBack(app) {
  const phrase = field('phrase', app.say('bring-back.phrase'), { rows: 4, autocomplete: 'off', autocapitalize: 'none', spellcheck: 'false', translate: 'no' },
    app.say('bring-back.phrase-hint'));
  const file = field('backup-file', app.say('bring-back.file'), { type: 'file' }, app.say('bring-back.file-hint'));
  const filePassphrase = field('file-passphrase', app.say('bring-back.file-passphrase'), { type: 'password', autocomplete: 'current-password' });
  app.show('bring-back.title', paragraph(app.say('bring-back.intro')),
    element('section', { 'aria-labelledby': 'by-file' }, element('h2', { id: 'by-file' }, app.say('bring-back.by-file')),
      form('file-form', async () => {
        file.wrong(null);
        filePassphrase.wrong(null);
        const [chosen] = file.input.files;
        if (!chosen) return file.wrong(app.say('bring-back.no-file'));
        if (!filePassphrase.input.value) return filePassphrase.wrong(app.say('passphrase.missing'));
        app.announce(app.say('passphrase.working'));
        try {
          const bytes = await chosen.arrayBuffer();
          await app.ask('restore', { file: bytes, passphrase: filePassphrase.input.value }, { transfer: [bytes] });
        } catch (error) {
          app.announce('');
          if (error.code === 'wallet-passphrase') return filePassphrase.wrong(app.explain(error));
          return file.wrong(app.explain(error));
        }
        await made(app);
      },
      file.row, hiddenName(app), filePassphrase.row,
      element('p', { class: 'buttons' }, element('button', { id: 'restore-file' }, app.say('bring-back.file-go'))))),
    element('section', { 'aria-labelledby': 'by-words' }, element('h2', { id: 'by-words' }, app.say('bring-back.by-words')),
      paragraph(app.say('bring-back.words-intro')),
      form('phrase-form', async () => {
        phrase.wrong(null);
        const text = phrase.input.value.trim().split(/\s+/).join(' ');
        try { await app.ask('check-phrase', { phrase: text }); } catch (error) { return phrase.wrong(app.explain(error)); }
        phrase.input.value = '';
        app.keepPage(true);
        passphrase(app, (chosen) => app.ask('create', { phrase: text, isRestored: true, passphrase: chosen }), true);
      },
      phrase.row,
      element('p', { class: 'buttons' }, element('button', { id: 'restore-words' }, app.say('action.next'))))),
    element('p', {}, button('make-stop', app.say('action.cancel'), () => stop(app), { class: 'quiet' })));
}
