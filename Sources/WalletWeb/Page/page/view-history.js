// What this wallet did, as far as its owner wants to keep it: on this device alone.
import { element, paragraph } from './dom.js';

/** Which sentence: of what was done, who refused it, or that the member did not want to. */
function keyOf(entry) {
  const kind = `history.${entry.kind}`;
  if (entry.result === 'refused') return `${kind}-${entry.by}`;
  if (entry.result === 'declined') return `${kind}-declined`;
  return entry.kind === 'answer' && entry.what ? `${kind}-${entry.what}` : kind;
}

function sentence(app, entry, names) {
  const key = keyOf(entry);
  return app.say(app.words.has(key) ? key : 'history.something', {
    kind: entry.kind, community: entry.origin ?? names[entry.community] ?? '', forum: entry.forum ?? app.say('history.unnamed'), issuer: entry.issuer ?? '', tier: entry.tier ?? '',
    added: app.words.join((entry.added ?? []).map(({ name, amount }) => `${name} +${app.words.number(amount)}`)),
    reason: entry.code ? app.explainCode(entry.code, { reason: entry.reason, until: entry.until, before: entry.before }, entry.kind === 'answer' ? 'request' : null) : '',
  });
}

export async function history(app) {
  const entries = await app.ask('history');
  const names = Object.fromEntries((await app.ask('credentials')).credentials.map(({ community, name }) => [community, name]));
  const forget = (id) => app.attempt(async () => {
    await app.ask('forget-history', { id });
    await history(app);
  });
  app.show('history.title', app.paragraph('history.intro'),
    entries.length === 0 && paragraph(app.say('history.empty'), { id: 'history-empty' }),
    entries.length > 0 && element('ul', { id: 'history', class: 'history' }, entries.map((entry) => {
      const time = app.words.time(entry.time);
      return element('li', {},
        element('p', {}, element('time', { datetime: new Date(entry.time * 1000).toISOString() }, time), element('br'), sentence(app, entry, names)),
        element('button', { type: 'button', class: 'quiet', 'aria-label': app.say('history.forget-one', { time }), onclick: () => forget(entry.id) }, app.say('action.delete')));
    })),
    entries.length > 0 && element('p', {}, app.button('forget-all', 'history.forget-all', () => forget(null), { class: 'quiet' })));
}
