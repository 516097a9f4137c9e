// A request that is no sign-in page's: an act, a ticket, a pseudonym. The member sees who asks in whose word, what comes of an answer, and decides; then he goes back himself.
import { answer, conditions, consents, crowd, decline, fetchNote, values } from './asking.js';
import { alertBox, element, form, list, paragraph, tick } from './dom.js';
import { appealButton } from './view-appeal.js';
import { isAside, showWork } from './work.js';

/** After these the same request is never answered any more. */
const over = ['expired', 'request-unknown', 'request-used', 'request-cancelled', 'audience-unknown', 'already-spent', 'no-ticket-left', 'banned'];

function place({ nonce, service, audience }) {
  return { nonce, service, audience };
}

export async function request(app, task) {
  app.wait('request.looking');
  const shown = app.shown;
  let offer;
  try {
    offer = await app.ask('request', place(task));
  } catch (error) {
    if (!isAside(app, error) && app.shown === shown) refused(app, task, error);
    return;
  }
  if (app.shown === shown) ask(app, task, offer);
}

function namesOf(app, offer) {
  return { forum: offer.forum ?? app.say('request.unnamed'), issuer: offer.service, community: offer.communityName ?? offer.community };
}

function facts(app, offer) {
  const rows = [
    ['issuer', offer.service], ['conditions', conditions(app, offer)], offer.disclosed.length > 0 && ['discloses', values(app, offer.disclosed)],
    ['until', app.words.time(offer.expires)], offer.subject !== null && ['subject', offer.subject], offer.message !== null && ['message', offer.message],
  ].filter(Boolean);
  return element('dl', { class: 'facts' }, rows.map(([name, value]) => element('div', {},
    element('dt', {}, app.say(`request.${name}`)), element('dd', { id: `request-${name}`, class: ['subject', 'message'].includes(name) ? 'id' : null }, value))));
}

/** What the answer tells, and what it does not. */
function learns(app, offer, names) {
  return [
    app.heading('ask.learns', null, names),
    list([app.say(`request.learns-${offer.kind}`, names), offer.withAccount && app.say('request.learns-account', names),
      app.say('request.learns-conditions', { conditions: conditions(app, offer) }), offer.disclosed.length > 0 && app.say('ask.discloses', { values: values(app, offer.disclosed) }),
      app.say('ask.learns-time')].filter(Boolean)),
    app.heading('ask.learns-not'),
    list([app.say('ask.learns-not-person'), app.say(offer.disclosed.length > 0 ? 'request.learns-not-others' : 'ask.learns-not-values'),
      offer.kind !== 'sign-in' && !offer.withAccount && app.say('request.learns-not-linked', names), app.say('ask.learns-not-elsewhere')].filter(Boolean)),
  ];
}

function ask(app, task, offer) {
  const names = namesOf(app, offer);
  const isSignIn = offer.kind === 'sign-in';
  // A pseudonym for life, and no code that ties it to this browser: who began it would be taken for the member.
  const began = isSignIn && tick('accept-began', app.say('request.accept-began', names), 'missing-consent');
  const consent = consents(app, offer, names, [began]);
  const isRefused = Boolean(offer.unanswered);
  const isUnable = isRefused && offer.unanswered === offer.refusal;
  app.show(app.say(`request.title-${offer.kind ?? 'other'}`, names),
    element('p', { id: 'who' }, app.say(offer.forum === null ? 'request.who-unnamed' : offer.isSigned ? 'request.who-signed' : 'request.who-told', names)),
    element('p', {}, element('strong', { id: 'whose' }, app.say('request.whose', names))),
    began && alertBox('relayed', app.paragraph('request.relayed', names)),
    consent.alerts,
    isRefused && alertBox('refusal', paragraph(isUnable ? app.explainCode(offer.unanswered, {}, 'request') : crowd(app, offer, offer))),
    offer.kind && element('p', { id: 'what' }, app.say(`request.what-${offer.kind}`, { ...names, count: offer.tickets ?? 0 })),
    offer.withAccount && app.paragraph('request.what-account', names),
    offer.kind && app.paragraph(offer.message === null ? 'request.unbound' : 'request.bound', names, { id: 'binding' }),
    facts(app, offer),
    fetchNote(app, offer),
    offer.kind && learns(app, offer, names),
    !isRefused && element('p', { id: 'crowd', class: 'hint' }, crowd(app, offer, offer)),
    form('request-form', async () => {
      const agreed = consent.agreed();
      if (agreed) await prove(app, task, offer, agreed);
    },
    !isRefused && consent.rows,
    element('p', { class: 'buttons' }, element('button', { id: 'answer', disabled: isRefused }, app.say(`request.go-${offer.kind ?? 'other'}`)),
      app.button('decline', 'request.decline', async () => {
        // What the wallet refused is in its history as that.
        if (!isRefused) await decline(app, { kind: 'answer', community: offer.community, forum: offer.forum, issuer: offer.service, what: offer.kind });
        app.task = null;
        ended(app, task, 'request.declined-title', () => [app.paragraph('request.declined', namesOf(app, offer))]);
      }, { class: 'quiet' })),
    app.paragraph('request.silent', names, { class: 'hint' })));
}

async function prove(app, task, offer, agreed) {
  const names = namesOf(app, offer);
  showWork(app, app.say('request.working', names), () => {
    ask(app, task, offer);
    app.announce(app.say('request.stopped'));
  });
  try {
    await answer(app, 'answer', { ...place(task), asShown: offer.asShown, ...agreed }, { community: offer.community, service: offer.service });
    app.task = null;
    ended(app, task, 'request.done', () => [app.paragraph(`request.done-${offer.kind}`, namesOf(app, offer), { id: 'done' })]);
  } catch (error) {
    if (!isAside(app, error)) refused(app, task, error, offer);
  }
}

/** The end, however it came, and the way back: nobody is led there, and nothing of the answer is in it. `said`: makes what is said; `ways`: makes buttons that lead on. */
function ended(app, task, title, said, ways = () => []) {
  app.show(title, said(), app.paragraph(task.return ? 'request.return-hint' : 'request.return-tab', {}, { class: 'hint' }),
    element('p', { class: 'buttons' },
      task.return && element('a', { id: 'return', class: 'button', href: task.return, rel: 'noreferrer' }, app.say('request.return', { origin: new URL(task.return).origin })),
      ways(), app.button('to-home', 'action.home', () => app.leaveTask(), { class: 'quiet' })));
  app.redraw = () => ended(app, task, title, said, ways);
}

/** Why there is no answer. That stays here: the forum is told nothing. */
function refused(app, task, error, offer = null) {
  // Another copy of the wallet used the ticket that was drawn; the next try draws another.
  const isOtherTicket = error.code === 'already-spent' && offer?.kind === 'post';
  const isOver = over.includes(error.code) && !isOtherTicket;
  if (isOver) app.task = null;
  ended(app, task, 'request.refused', () => [
    alertBox('failure', paragraph(isOtherTicket ? app.say('request-error.ticket-spent') : app.explain(error, 'request'))),
    app.paragraph('request.refused-hint', {}, { class: 'hint' }),
  ], () => [!isOver && app.button('again', 'action.again', () => request(app, task), { class: 'quiet' }), appealButton(app, error)]);
}
