// The wallet's page: where one is, what a link asked for, whether the wallet is here, whether it is open, and whether this tab may use it.
import { App } from './app.js';
import { alertBox, button, element, note, paragraph } from './dom.js';
import { files } from './files.js';
import { install } from './install.js';
import { taskOfFragment } from './links.js';
import { Schedule } from './schedule.js';
import { Turn } from './turn.js';
import { appeal, appeals } from './view-appeal.js';
import { claim, enter } from './view-claim.js';
import { history as showHistory } from './view-history.js';
import { find, home } from './view-home.js';
import { addPasskey, backup, changePassphrase, languageSelect, remove, settings, showWords } from './view-settings.js';
import { request } from './view-request.js';
import { signIn } from './view-sign-in.js';
import { bringBack, make, welcome } from './view-start.js';
import { topUp } from './view-top-up.js';
import { elsewhere, unlock, unreadable } from './view-unlock.js';
import { Refused, Wallet } from './wallet.js';
import { Words } from './words.js';

/** Where one can be, with an open wallet. */
const places = {
  '': home, '#claim': enter, '#find': find, '#history': showHistory, '#settings': settings, '#backup': backup, '#words': showWords, '#passphrase': changePassphrase,
  '#passkey': addPasskey, '#delete': remove, '#appeals': appeals, '#appeal': appeal,
};

/** What a link asked for, with an open wallet. */
const tasks = { 'sign-in': signIn, claim, request, 'top-up': topUp };

/** Takes what a link says out of the address at once: it is not to stand in the browser's history. */
function takeFragment(app) {
  const task = taskOfFragment(location.hash.slice(1));
  if (task === undefined) return;
  history.replaceState(null, '', location.pathname + location.search);
  app.badLink = task === null;
  if (task) app.task = task;
}

function isLocked(error) {
  return error.code === 'locked' || error.code === 'elsewhere';
}

async function route(app) {
  takeFragment(app);
  const navigation = document.getElementById('navigation');
  if (!app.turn.isMine) {
    navigation.hidden = true;
    return elsewhere(app);
  }
  const shown = app.shown;
  let status;
  try { status = await app.ask('status'); } catch (error) {
    if (error.code === 'cancelled' || error.code === 'elsewhere') return;
    navigation.hidden = true;
    if (location.hash === '#delete') return remove(app);
    return unreadable(app, error);
  }
  // Somebody was quicker.
  if (app.shown !== shown) return;
  navigation.hidden = !status.isOpen;
  app.keepPage(false);
  if (status.isOpen) await app.opened();
  const here = location.hash;
  if (!status.exists) {
    if (here === '#make') return make(app);
    if (here === '#bring-back') return bringBack(app);
    if (here !== '') history.replaceState(null, '', location.pathname);
    return welcome(app);
  }
  if (here === '#delete') return remove(app);
  if (!status.isOpen) return unlock(app, status);
  if (here === '' && app.task && Object.hasOwn(tasks, app.task.kind)) return tasks[app.task.kind](app, app.task);
  if (!Object.hasOwn(places, here)) history.replaceState(null, '', location.pathname);
  return (places[here] ?? home)(app);
}

/** A route, and what is wrong with it. */
async function go(app) {
  try {
    if (app.isWorking) await app.stopWork();
    await route(app);
  } catch (error) {
    if (isLocked(error)) return go(app);
    if (error.code !== 'cancelled') app.problem('problem.title', error, app.button('again', 'action.again', () => location.reload()));
  }
}

/** The words around the views, in the language that was chosen. */
function dress(app) {
  for (const place of document.querySelectorAll('[data-say]')) place.textContent = app.say(place.dataset.say);
  for (const place of document.querySelectorAll('[data-label]')) place.setAttribute('aria-label', app.say(place.dataset.label));
  document.getElementById('languages').replaceChildren(languageSelect(app));
}

/** Locks the wallet when its time is over, whatever the page shows; takes it when no other tab has it any more. */
function watch(app) {
  const look = async () => {
    if (!app.turn.isMine || document.getElementById('navigation').hidden) return;
    try {
      // Work that takes longer than the wallet stays open is use of it.
      if (app.isWorking) return void await app.ask('stay');
      const { isOpen } = await app.ask('status');
      if (isOpen) return;
    } catch { return; }
    app.timedOut = true;
    app.schedule.stop();
    app.wallet.stop();
    go(app);
  };
  setInterval(look, 15_000);
  // The other tab was closed.
  setInterval(async () => {
    if (app.turn.isMine || document.hidden || !await app.turn.take()) return;
    await app.wallet.start();
    go(app);
  }, 2000);
  document.addEventListener('visibilitychange', () => { if (!document.hidden) look(); });
}

/** What of a browser the wallet cannot do without; what is missing as a code. */
function missing() {
  if (!globalThis.isSecureContext) return 'page-insecure';
  return navigator.locks && globalThis.indexedDB && crypto.subtle && globalThis.WebAssembly && globalThis.BroadcastChannel ? null : 'browser-old';
}

async function start() {
  const wallet = new Wallet();
  const app = new App({ words: await Words.load(), wallet, turn: null, route: () => go(app) });
  const lacks = missing();
  if (lacks) return app.problem('problem.title', new Refused({ code: lacks }));
  app.turn = new Turn(() => {
    // Another tab has it: nothing here may write any more.
    wallet.stop('elsewhere');
    app.schedule.stop();
    app.keepPage(false);
    go(app);
  });
  app.schedule = new Schedule(() => app.ask('follow'));
  app.whenOpened = async () => {
    document.getElementById('navigation').hidden = false;
    app.schedule.start();
  };
  app.dress = () => dress(app);
  app.takeOver = async () => {
    await app.turn.takeOver();
    await wallet.start();
    await go(app);
  };
  app.leaveTask = () => {
    app.task = null;
    app.go('');
  };
  app.deleted = async () => {
    app.schedule.stop();
    app.task = null;
    Words.forgetChoice();
  };
  dress(app);
  document.getElementById('lock').addEventListener('click', () => app.attempt(async () => {
    app.schedule.stop();
    await wallet.close('lock');
    app.go('');
  }));
  addEventListener('hashchange', () => go(app));
  addEventListener('popstate', () => { if (!location.hash) go(app); });
  // A page that the browser had put aside comes back without its turn.
  addEventListener('pageshow', (event) => { if (event.persisted) location.reload(); });
  // A page that is loaded again makes no other words than those that were shown.
  if (location.hash === '#make') history.replaceState(null, '', location.pathname);
  if (await app.turn.take()) await wallet.start();
  watch(app);
  await go(app);
  await install((take) => {
    document.getElementById('notices').replaceChildren(note('update', paragraph(app.say('update.here')),
      element('p', {}, button('update-take', app.say('update.take'), take, { class: 'quiet' }))));
  });
}

start().catch((error) => {
  // Without words there is one language that most can read.
  document.getElementById('main').replaceChildren(alertBox('failure', paragraph(
    `The wallet could not start (${error instanceof Refused ? error.code : error?.message ?? error}; ${files.version ?? 'not assembled'}). Load the page again.`)));
});
