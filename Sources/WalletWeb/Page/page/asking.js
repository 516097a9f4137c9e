// What is the same whoever asks, a sign-in page or another request: conditions in words, the crowd, what the member has to agree to, the way to the service.
import { alertBox, element, note, tick } from './dom.js';
import { showStep } from './work.js';

const simple = /^([A-Za-z][\w-]*) (>=|<=) (-?\d+)$/;

/** `votes >= 20` in words; a sum of several stays as it is. */
function condition(app, text) {
  const parts = simple.exec(text);
  if (!parts) return text;
  const bound = Number(parts[3]);
  return app.say(parts[2] === '>=' ? 'ask.at-least' : 'ask.at-most', { name: parts[1], bound: Number.isSafeInteger(bound) ? bound : parts[3] });
}

/** All conditions of a tier or request in words. */
export function conditions(app, asked) {
  return asked.conditions.length > 0 ? app.words.join(asked.conditions.map((text) => condition(app, text))) : app.say('ask.any-member');
}

/** `group: 2, votes: 30` */
export function values(app, disclosed) {
  return app.words.join(disclosed.map(({ name, value }) => `${name}: ${value}`));
}

/** Who could give the same answer, and whether they are few. `asked` has them, `offer` says how old the lists are. */
export function crowd(app, asked, offer) {
  const isSmall = asked.members < offer.smallest;
  if (asked.unanswered === 'anonymity-set-too-small') return app.say('ask.too-small', { count: asked.members });
  // By what was fetched last: where that has to be fetched again, the wallet looks once more before it answers.
  if (isSmall) return app.say('ask.crowd-unknown');
  const known = app.say('ask.crowd', { count: asked.members });
  return asked.members < asked.minimum ? `${known} ${app.say('ask.small')}` : known;
}

/** Why a list is fetched right before the answer, and what that tells whoever serves it. */
export function fetchNote(app, offer) {
  return offer.mustFetch && note('must-fetch', app.paragraph(`ask.fetch-${offer.mustFetch}`));
}

/**
 * What the member has to agree to before: `{alerts, rows, agreed()}`. `agreed` says what is missing and goes there, or returns `{acceptPolicy, acceptIssuer}`.
 * `more`: ticks of the view's own.
 */
export function consents(app, offer, names, more = []) {
  const given = { ...names, before: offer.issuerBefore };
  const issuer = offer.issuerBefore && tick('accept-issuer', app.say('ask.accept-issuer', given), 'missing-consent');
  const policy = offer.policyChanged && tick('accept-policy', app.say('ask.accept-policy', names), 'missing-consent');
  const ticks = [issuer, policy, ...more].filter(Boolean);
  const missing = element('p', { id: 'missing-consent', class: 'error', hidden: true }, app.say('ask.consent-missing'));
  return {
    alerts: [issuer && alertBox('issuer-changed', app.paragraph('ask.issuer-changed', given)), policy && alertBox('policy-changed', app.paragraph('ask.policy-changed', names))],
    rows: [...ticks.map(({ row }) => row), missing],
    agreed() {
      const unticked = ticks.find(({ input }) => !input.checked);
      missing.hidden = !unticked;
      if (!unticked) return { acceptPolicy: Boolean(policy), acceptIssuer: Boolean(issuer) };
      unticked.input.focus();
      return null;
    },
  };
}

/** A wallet that came from a file does not know where the community's service is: mostly it is where the request comes from. What it serves is verified, wherever it is. */
export async function answer(app, op, args, { community, service }) {
  const attempt = () => app.work(op, args, (progress) => showStep(app, progress));
  try { return await attempt(); } catch (error) {
    if (error.code !== 'service-unknown') throw error;
    await app.ask('set-service', { community, service });
    return attempt();
  }
}

/** Keeps in the history that the member did not want to. What cannot be kept keeps nobody here. */
export async function decline(app, about) {
  try { await app.ask('declined', about); } catch { /* It is not sent anywhere either. */ }
}
