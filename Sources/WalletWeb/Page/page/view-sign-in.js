// A forum asks; the member sees who, what it learns and what not, and decides.
import { answer, conditions, consents, crowd, decline, fetchNote, values } from './asking.js';
import { alertBox, element, form, list, paragraph } from './dom.js';
import { appealButton } from './view-appeal.js';
import { isAside, showWork } from './work.js';

/** Where the provider's page takes a code, for the browser in which the sign-in began and no other. */
function wayWith(task, code) {
  return `${task.address}/code?code=${encodeURIComponent(code)}`;
}

/** Back to the page that asked, which hears nothing of why. */
function back(app, task) {
  app.task = null;
  location.assign(task.address);
}

export async function signIn(app, task) {
  app.wait('sign-in.looking');
  const shown = app.shown;
  let offer;
  try {
    offer = await app.ask('offer', { address: task.address });
  } catch (error) {
    if (!isAside(app, error) && app.shown === shown) refused(app, task, error);
    return;
  }
  if (app.shown === shown) ask(app, task, offer);
}

function ask(app, task, offer) {
  const names = { forum: offer.forum, community: offer.communityName ?? offer.community, issuer: offer.issuer };
  const usable = offer.tiers.filter((tier) => !tier.unanswered);
  const declines = app.button('decline', 'sign-in.decline', async () => {
    // What the wallet refused is in its history as that.
    if (usable.length > 0) await decline(app, { kind: 'sign-in', community: offer.community, forum: offer.forum, issuer: offer.issuer });
    back(app, task);
  }, { class: 'quiet' });
  if (!offer.hasCredential) {
    return app.show(app.say('sign-in.title', names), alertBox('failure', app.paragraph('sign-in.no-credential', names)),
      element('p', { class: 'buttons' }, element('a', { class: 'button', href: '#claim', id: 'to-claim', onclick: () => { app.task = null; } }, app.say('home.claim')), declines));
  }
  const choices = offer.tiers.map((tier, place) => choice(app, offer, tier, place, usable[0] === tier));
  const consent = consents(app, offer, names);
  app.show(app.say('sign-in.title', names),
    element('p', { id: 'who' }, app.say('sign-in.who', names)),
    element('dl', { class: 'facts' },
      element('div', {}, element('dt', {}, app.say('sign-in.forum-at')), element('dd', { id: 'forum-origin' }, offer.origins.length > 0 ? offer.origins.join(', ') : app.say('sign-in.origin-unknown'))),
      element('div', {}, element('dt', {}, app.say('sign-in.through')), element('dd', { id: 'issuer' }, offer.issuer))),
    element('p', {}, element('strong', {}, app.say('sign-in.began'))),
    consent.alerts,
    fetchNote(app, offer),
    app.heading('ask.learns', null, names),
    list([app.say('sign-in.learns-pseudonym', names), app.say('sign-in.learns-tier'), app.say('ask.learns-time')]),
    app.heading('ask.learns-not'),
    list([app.say('ask.learns-not-person'), app.say('ask.learns-not-values'), app.say('ask.learns-not-elsewhere')]),
    form('sign-in-form', async () => {
      const agreed = consent.agreed();
      const chosen = choices.find(({ input }) => input.checked);
      if (agreed && chosen) await prove(app, task, offer, { tier: chosen.tier.name, asShown: chosen.tier.asShown, ...agreed });
    },
    element('fieldset', { id: 'tiers' }, element('legend', {}, app.say('sign-in.tiers')), choices.map(({ row }) => row)),
    consent.rows,
    usable.length === 0 && alertBox('none-usable', app.paragraph('sign-in.none-usable')),
    element('p', { class: 'buttons' },
      element('button', { id: 'sign-in', disabled: usable.length === 0 }, app.say('sign-in.go', names)), declines),
    app.paragraph('sign-in.declined', names, { class: 'hint' })));
}

function choice(app, offer, tier, place, isChecked) {
  const id = `tier-${place}`;
  const input = element('input', { id, type: 'radio', name: 'tier', value: tier.name, checked: isChecked, disabled: Boolean(tier.unanswered), 'aria-describedby': `${id}-about` });
  // Who cannot prove it is not one of those who can.
  const isRefused = tier.refusal && tier.refusal === tier.unanswered;
  const about = [isRefused ? app.explainCode(tier.refusal) : crowd(app, tier, offer)];
  if (tier.disclosed.length > 0) about.push(app.say('ask.discloses', { values: values(app, tier.disclosed) }));
  return {
    tier, input,
    row: element('div', { class: 'choice' }, input,
      element('label', { for: id }, element('strong', {}, tier.name), ' – ', conditions(app, tier)),
      element('p', { id: `${id}-about`, class: 'hint' }, about.join(' '))),
  };
}

async function prove(app, task, offer, choice) {
  const names = { forum: offer.forum, issuer: offer.issuer };
  showWork(app, app.say('sign-in.working', names), () => {
    ask(app, task, offer);
    app.announce(app.say('sign-in.stopped'));
  });
  try {
    const { code } = await answer(app, 'present', { address: task.address, ...choice }, { community: offer.community, service: offer.issuer });
    app.task = null;
    const way = wayWith(task, code);
    app.show(app.say('sign-in.done', names), app.paragraph('sign-in.done-way', names),
      element('p', {}, element('a', { id: 'way-on', class: 'button', href: way }, app.say('sign-in.way-on', names))));
    location.assign(way);
  } catch (error) {
    if (!isAside(app, error)) refused(app, task, error);
  }
}

/** Why it did not work. That stays here: the forum is told nothing. */
function refused(app, task, error) {
  const isOver = ['banned', 'expired', 'sign-in-closed', 'sign-in-unknown'].includes(error.code);
  if (isOver) app.task = null;
  app.show('sign-in.refused', alertBox('failure', paragraph(app.explain(error)), 
      error.detail?.signInCode && element('p', {}, element('a', { id: 'banned-go', href: wayWith(task, error.detail.signInCode) }, app.say('sign-in.banned-go', { issuer: new URL(task.address).origin })))),
    app.paragraph('sign-in.refused-hint', {}, { class: 'hint' }),
    element('p', { class: 'buttons' }, !isOver && app.button('again', 'action.again', () => signIn(app, task)), appealButton(app, error),
      app.button('decline', isOver ? 'sign-in.begin-again' : 'sign-in.decline', () => back(app, task), { class: 'quiet' }),
      app.button('to-home', 'action.home', () => app.leaveTask(), { class: 'quiet' })));
  app.redraw = () => refused(app, task, error);
}
