// A forum asks; the member sees who, what it learns and what not, and decides.
import { alertBox, element, form, list, note, paragraph, tick } from './dom.js';
import { showStep } from './view-home.js';

/** Below so many the wallet refuses, as the command line does. */
const leastMembers = 5;
const simple = /^([A-Za-z][\w-]*) (>=|<=) (-?\d+)$/;

/** `votes >= 20` in words; a sum of several stays as it is. */
function condition(app, text) {
  const parts = simple.exec(text);
  if (!parts) return text;
  const bound = Number(parts[3]);
  return app.say(parts[2] === '>=' ? 'sign-in.at-least' : 'sign-in.at-most', { name: parts[1], bound: Number.isSafeInteger(bound) ? bound : parts[3] });
}

function tierLabel(app, tier) {
  const conditions = tier.conditions.map((text) => condition(app, text));
  return conditions.length > 0 ? app.words.join(conditions) : app.say('sign-in.any-member');
}

function crowd(app, tier, offer) {
  return app.say(isTooSmall(tier) && offer.mustFetch ? 'sign-in.crowd-unknown' : 'sign-in.crowd', { count: tier.members });
}

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
    if (error.code === 'locked' || error.code === 'elsewhere') return app.route();
    if (error.code !== 'cancelled' && app.shown === shown) refused(app, task, error);
    return;
  }
  if (app.shown === shown) ask(app, task, offer);
}

function ask(app, task, offer) {
  const names = { forum: offer.forum, community: offer.communityName ?? offer.community, issuer: offer.issuer };
  if (!offer.hasCredential) {
    return app.show(app.say('sign-in.title', names), alertBox('failure', app.paragraph('sign-in.no-credential', names)),
      element('p', { class: 'buttons' }, element('a', { class: 'button', href: '#claim', id: 'to-claim', onclick: () => { app.task = null; } }, app.say('home.claim')), backButton(app, task)));
  }
  const usable = offer.tiers.filter((tier) => isUsable(tier, offer));
  const choices = offer.tiers.map((tier, place) => choice(app, offer, tier, place, usable[0] === tier));
  const agreeIssuer = offer.issuerBefore && tick('accept-issuer', app.say('sign-in.accept-issuer', { ...names, before: offer.issuerBefore }), 'missing-consent');
  const agreePolicy = offer.policyChanged && tick('accept-policy', app.say('sign-in.accept-policy', names), 'missing-consent');
  const missing = element('p', { id: 'missing-consent', class: 'error', hidden: true }, app.say('sign-in.consent-missing'));
  app.show(app.say('sign-in.title', names),
    element('p', { id: 'who' }, app.say('sign-in.who', names)),
    element('dl', { class: 'facts' },
      element('div', {}, element('dt', {}, app.say('sign-in.forum-at')), element('dd', { id: 'forum-origin' }, offer.origins.length > 0 ? offer.origins.join(', ') : app.say('sign-in.origin-unknown'))),
      element('div', {}, element('dt', {}, app.say('sign-in.through')), element('dd', { id: 'issuer' }, offer.issuer))),
    element('p', {}, element('strong', {}, app.say('sign-in.began'))),
    agreeIssuer && alertBox('issuer-changed', app.paragraph('sign-in.issuer-changed', { ...names, before: offer.issuerBefore })),
    agreePolicy && alertBox('policy-changed', app.paragraph('sign-in.policy-changed', names)),
    offer.mustFetch && note('must-fetch', app.paragraph(`sign-in.fetch-${offer.mustFetch}`)),
    app.heading('sign-in.learns', null, names),
    list([app.say('sign-in.learns-pseudonym', names), app.say('sign-in.learns-tier'), app.say('sign-in.learns-time')]),
    app.heading('sign-in.learns-not'),
    list([app.say('sign-in.learns-not-person'), app.say('sign-in.learns-not-values'), app.say('sign-in.learns-not-elsewhere')]),
    form('sign-in-form', async () => {
      missing.hidden = true;
      const unticked = [agreeIssuer, agreePolicy].find((one) => one && !one.input.checked);
      if (unticked) {
        missing.hidden = false;
        return unticked.input.focus();
      }
      const chosen = choices.find(({ input }) => input.checked);
      if (!chosen) return;
      await prove(app, task, offer, { tier: chosen.tier.name, acceptPolicy: Boolean(agreePolicy), acceptIssuer: Boolean(agreeIssuer) });
    },
    element('fieldset', { id: 'tiers' }, element('legend', {}, app.say('sign-in.tiers')), choices.map(({ row }) => row)),
    agreeIssuer?.row, agreePolicy?.row, missing,
    usable.length === 0 && alertBox('none-usable', app.paragraph('sign-in.none-usable')),
    element('p', { class: 'buttons' },
      element('button', { id: 'sign-in', disabled: usable.length === 0 }, app.say('sign-in.go', names)), backButton(app, task)),
    app.paragraph('sign-in.declined', names, { class: 'hint' })));
}

function backButton(app, task) {
  return app.button('decline', 'sign-in.decline', () => back(app, task), { class: 'quiet' });
}

/** A changed policy can be agreed to; hardly anybody to stand behind cannot. */
function isUsable(tier, offer) {
  return (!tier.refusal || tier.refusal === 'policy-changed' && offer.policyChanged) && (!isTooSmall(tier) || offer.mustFetch);
}

/** By what was fetched last: where that has to be fetched again, the wallet looks once more before it answers. */
function isTooSmall(tier) {
  return tier.members < leastMembers;
}

function choice(app, offer, tier, place, isChecked) {
  const id = `tier-${place}`;
  const canBe = isUsable(tier, offer);
  const input = element('input', { id, type: 'radio', name: 'tier', value: tier.name, checked: isChecked, disabled: !canBe, 'aria-describedby': `${id}-about` });
  // Who cannot prove it is not one of those who can.
  const isRefused = tier.refusal && tier.refusal !== 'policy-changed';
  const about = [isRefused ? app.explainCode(tier.refusal) : canBe ? crowd(app, tier, offer) : app.say('sign-in.too-small', { count: tier.members })];
  if (tier.disclosed?.length > 0) about.push(app.say('sign-in.discloses', { values: app.words.join(tier.disclosed.map(({ name, value }) => `${name}: ${value}`)) }));
  if (canBe && tier.members < tier.minimum && !isTooSmall(tier)) about.push(app.say('sign-in.small'));
  return {
    tier, input,
    row: element('div', { class: 'choice' }, input,
      element('label', { for: id }, element('strong', {}, tier.name), ' – ', tierLabel(app, tier)),
      element('p', { id: `${id}-about`, class: 'hint' }, about.join(' '))),
  };
}

async function prove(app, task, offer, choice) {
  const names = { forum: offer.forum, issuer: offer.issuer };
  app.show(app.say('sign-in.working', names),
    paragraph(app.say('action.wait'), { id: 'work-step' }), element('progress', { id: 'work-progress', 'aria-labelledby': 'work-step' }),
    element('p', { class: 'buttons' }, app.button('stop', 'action.cancel', async () => {
      await app.stopWork();
      ask(app, task, offer);
      app.announce(app.say('sign-in.stopped'));
    }, { class: 'quiet' })));
  try {
    const { code } = await present(app, { address: task.address, ...choice }, offer);
    app.task = null;
    const way = wayWith(task, code);
    app.show(app.say('sign-in.done', names), app.paragraph('sign-in.done-way', names),
      element('p', {}, element('a', { id: 'way-on', class: 'button', href: way }, app.say('sign-in.way-on', names))));
    location.assign(way);
  } catch (error) {
    if (error.code === 'cancelled') return;
    if (error.code === 'locked' || error.code === 'elsewhere') return app.route();
    refused(app, task, error);
  }
}

/** A wallet that came from a file does not know where the community's service is: mostly it is where the request comes from. What it serves is verified, wherever it is. */
async function present(app, args, offer) {
  const attempt = () => app.work('present', args, (progress) => showStep(app, progress));
  try { return await attempt(); } catch (error) {
    if (error.code !== 'service-unknown') throw error;
    await app.ask('set-service', { community: offer.community, service: offer.issuer });
    return attempt();
  }
}

/** Why it did not work. That stays here: the forum is told nothing. */
function refused(app, task, error) {
  const isOver = ['banned', 'expired', 'sign-in-closed', 'sign-in-unknown'].includes(error.code);
  if (isOver) app.task = null;
  app.show('sign-in.refused', alertBox('failure', paragraph(app.explain(error)), 
      error.detail?.signInCode && element('p', {}, element('a', { id: 'banned-go', href: wayWith(task, error.detail.signInCode) }, app.say('sign-in.banned-go', { issuer: new URL(task.address).origin })))),
    app.paragraph('sign-in.refused-hint', {}, { class: 'hint' }),
    element('p', { class: 'buttons' }, !isOver && app.button('again', 'action.again', () => signIn(app, task)),
      app.button('decline', isOver ? 'sign-in.begin-again' : 'sign-in.decline', () => back(app, task), { class: 'quiet' }),
      app.button('to-home', 'action.home', () => app.leaveTask(), { class: 'quiet' })));
  app.redraw = () => refused(app, task, error);
}
