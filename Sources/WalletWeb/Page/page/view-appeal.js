// Somebody was banned, and objects: what is said, to whom, and how it stands.
import { alertBox, element, field, form, list, note, paragraph } from './dom.js';
import { isAside, showStep, showWork } from './work.js';

/** Bytes of a text at most, and how few may be left before it is said aloud. */
const [greatest, few] = [4000, 200];
/** What a service takes in no text: nobody sees it, or it is not one of ours (a tab). */
const unseen = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const utf8 = new TextEncoder();

/** The text as it can be sent. */
function tidied(text) {
  return text.replaceAll('\t', ' ').replace(unseen, (mark) => (mark === '\n' ? mark : ''));
}

/** A button that leads from a refusal to the appeal; none where no ban was told. */
export function appealButton(app, error) {
  const ban = error.detail?.ban;
  return ban && app.button('appeal', 'appeal.go', () => begin(app, ban), { class: 'quiet' });
}

/** What is written stays with the page while it is not sent: a wallet that was locked in the meantime goes on where it was. */
function begin(app, ban) {
  if (app.appeal?.ban !== ban) app.appeal = { ban, text: null };
  app.go('#appeal');
}

const isAt = (one, other) => one.audience === other.audience && one.community === other.community;
const nameOf = (one) => one.forum ?? new URL(one.service).host;
const banText = (app, { reason, until }) => app.explainCode('banned', { reason, until });

// All of them.

export async function appeals(app) {
  const shown = app.shown;
  const { bans, appeals: said } = await app.ask('appeals');
  if (app.shown !== shown) return;
  const places = [];
  for (const one of [...bans, ...said]) if (!places.some((other) => isAt(one, other))) places.push(one);
  app.show('appeal.title', app.paragraph('appeal.title-hint'),
    app.trouble && alertBox('trouble', paragraph(app.trouble)),
    app.done && note('done', paragraph(app.done)),
    places.length === 0 && paragraph(app.say('appeal.empty'), { id: 'appeals-empty' }),
    places.map((place, at) => card(app, at, place, bans.find((one) => isAt(one, place)), said.filter((one) => isAt(one, place)))),
    element('p', { class: 'buttons' }, app.button('back', 'action.back', () => app.go(''), { class: 'quiet' })));
  app.done = app.trouble = null;
}

function card(app, at, place, ban, said) {
  const isWaiting = said.some(({ state }) => state === 'open' || state === 'unanswered');
  return element('section', { class: 'card', 'aria-labelledby': `place-${at}` },
    element('h2', { id: `place-${at}` }, nameOf(place)),
    ban && paragraph(banText(app, ban), { id: `ban-${at}` }),
    said.length > 0 && element('ul', { class: 'appeals' }, said.map((one) => entry(app, one))),
    ban && element('p', { class: 'buttons' },
      !isWaiting && app.button(`appeal-${at}`, 'appeal.go', () => begin(app, ban.id), { 'aria-describedby': `place-${at}` }),
      app.button(`forget-ban-${at}`, 'appeal.forget-ban', () => forget(app, ban.id), { class: 'quiet', 'aria-describedby': `place-${at}` })));
}

function entry(app, one) {
  const time = app.words.time(one.time);
  const isOpen = one.state !== 'granted' && one.state !== 'refused';
  const again = one.state === 'unsent' ? 'appeal.send' : 'appeal.ask-again';
  return element('li', { class: 'appeal', 'data-state': one.state },
    element('p', {}, element('time', { datetime: new Date(one.time * 1000).toISOString() }, time), element('br'), element('strong', {}, app.say(`appeal.${one.state}`))),
    one.refusal && paragraph(app.explainCode(one.refusal)),
    one.answer && [app.paragraph('appeal.answer'), element('blockquote', { class: 'said' }, one.answer)],
    element('details', {}, element('summary', {}, app.say('appeal.said')), element('blockquote', { class: 'said' }, one.text)),
    element('p', { class: 'buttons' },
      isOpen && element('button', { type: 'button', class: 'again', 'aria-label': app.say(`${again}-one`, { time }), onclick: () => send(app, one, (error) => failed(app, error)) },
        app.say(again)),
      element('button', { type: 'button', class: 'quiet', 'aria-label': app.say('appeal.forget-one', { time }), onclick: () => forget(app, one.id) }, app.say('action.delete'))));
}

function forget(app, id) {
  return app.attempt(async () => {
    await app.ask('forget-appeal', { id });
    await appeals(app);
  });
}

function failed(app, error) {
  app.trouble = app.explain(error);
  app.go('#appeals');
}

// One that is written.

export async function appeal(app) {
  const shown = app.shown;
  const { bans, appeals: said } = await app.ask('appeals');
  if (app.shown !== shown) return;
  const ban = bans.find(({ id }) => id === app.appeal?.ban);
  // A page that was loaded again does not know any more, and the way back leads here once it is sent.
  if (!ban) {
    history.replaceState(null, '', '#appeals');
    return appeals(app);
  }
  const here = said.filter((one) => isAt(one, ban));
  app.appeal.text ??= here.find(({ state }) => state === 'unsent')?.text ?? '';
  write(app, ban, new Set(here.filter(({ state }) => state === 'granted' || state === 'refused').map(({ text }) => text)));
}

/** `decided`: texts that were; the same again would bring the same answer. */
function write(app, ban, decided, failure = null) {
  const names = { forum: nameOf(ban) };
  const text = field('appeal-text', app.say('appeal.text'), { rows: 12, value: app.appeal.text }, ' ');
  const left = text.row.querySelector('#appeal-text-hint');
  let stayed = Date.now(), level = 'plenty';
  const count = () => {
    const rest = greatest - utf8.encode(tidied(text.input.value.trim())).length;
    left.textContent = rest < 0 ? app.say('appeal.over', { count: -rest }) : app.say('appeal.left', { count: rest });
    left.className = rest < 0 ? 'error' : 'hint';
    // Not with each letter.
    const now = rest < 0 ? 'over' : rest < few ? 'scarce' : 'plenty';
    if (now !== level) app.announce(now === 'plenty' ? '' : left.textContent);
    level = now;
    return rest;
  };
  text.input.addEventListener('input', () => {
    app.appeal.text = text.input.value;
    app.keepPage(text.input.value !== '');
    count();
    // Who writes uses the wallet.
    if (Date.now() - stayed < 60_000) return;
    stayed = Date.now();
    app.ask('stay').catch(() => {});
  });
  app.show(app.say('appeal.write-title', names), failure && alertBox('failure', paragraph(app.explain(failure))),
    paragraph(banText(app, ban), { id: 'appeal-ban' }),
    app.heading('appeal.learns', null, names), list([app.say('appeal.learns-text'), app.say('appeal.learns-nothing'), app.say('appeal.learns-service', { service: ban.service })]),
    app.heading('appeal.decides'), list([app.say('appeal.decides-other'), app.say('appeal.decides-one'), app.say('appeal.decides-later')]),
    form('appeal-form', async () => {
      text.wrong(null);
      const said = tidied(text.input.value).trim();
      if (said === '') return text.wrong(app.say('appeal.missing'));
      if (count() < 0) return text.wrong(app.say('appeal.too-long'));
      if (said !== text.input.value.trim()) {
        app.appeal.text = text.input.value = said;
        return text.wrong(app.say('appeal.tidied'));
      }
      if (decided.has(said)) return text.wrong(app.say('appeal.repeated'));
      await send(app, { ...ban, text: said }, (error) => write(app, ban, decided, error));
    }, text.row, element('p', { class: 'buttons' }, element('button', { id: 'send-appeal' }, app.say('appeal.send')),
      app.button('back', 'action.back', () => { app.appeal = null; app.go('#appeals'); }, { class: 'quiet' }))),
    app.paragraph('appeal.fetches', {}, { class: 'hint' }));
  count();
  app.redraw = () => write(app, ban, decided, failure);
}

/** Sends an appeal or asks how it stands; then all of them are shown. */
async function send(app, { service, audience, community, text, state = 'unsent' }, fails) {
  app.keepPage(false);
  showWork(app, state === 'unsent' ? 'appeal.sending' : 'appeal.asking', () => app.go('#appeals'));
  const shown = app.shown;
  try {
    const told = await app.work('appeal', { service, audience, community, text }, (progress) => showStep(app, progress));
    if (app.appeal?.text?.trim() === text) app.appeal = null;
    if (app.shown !== shown) return;
    app.done = app.say(`appeal.${told.state}`);
    app.go('#appeals');
  } catch (error) {
    if (!isAside(app, error) && app.shown === shown) fails(error);
  }
}
