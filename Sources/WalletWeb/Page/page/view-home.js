// What the wallet holds.
import { alertBox, element, field, form, note, paragraph } from './dom.js';
import { communityID, serviceOrigin } from './links.js';
import { topUpForm } from './view-top-up.js';
import { isAside, showStep, showWork } from './work.js';

/** Whether it can be used, in a sentence. */
function standing(app, credential) {
  const given = { epoch: credential.epoch, ...(credential.promisedBy ? { time: app.words.time(credential.promisedBy) } : {}) };
  const key = credential.state === 'waiting' && credential.promisedBy ? 'credential.waiting-until' : `credential.${credential.state}`;
  return app.say(key, given);
}

function facts(app, credential) {
  const rows = [
    ['credential.epoch', app.words.number(credential.epoch)],
    ['credential.service', credential.service ?? app.say('credential.service-unknown')],
    credential.members !== null && ['credential.members', app.say('credential.members-count', { count: credential.members })],
    credential.issued && ['credential.issued', app.words.time(credential.issued)],
    ['credential.checked', credential.checked ? app.words.time(credential.checked) : app.say('credential.never')],
  ].filter(Boolean);
  return element('dl', { class: 'facts' }, rows.map(([key, value]) => element('div', {}, element('dt', {}, app.say(key)), element('dd', {}, value))));
}

function values(app, credential) {
  return element('table', {},
    element('caption', {}, app.say('credential.values')),
    element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, app.say('credential.attribute')), element('th', { scope: 'col' }, app.say('credential.value')))),
    element('tbody', {}, credential.attributes.map(({ name, value }) => element('tr', {}, element('th', { scope: 'row' }, name),
      element('td', {}, typeof value === 'number' ? app.words.number(value) : value)))));
}

/** Asks where a community's service is, which a wallet file does not say. */
function serviceForm(app, credential, place) {
  const service = field(`service-${place}`, app.say('credential.service-ask'), { type: 'url', inputmode: 'url', placeholder: 'https://' }, app.say('credential.service-hint'));
  return form(`service-form-${place}`, async () => {
    service.wrong(null);
    const origin = serviceOrigin(service.input.value);
    if (!origin) return service.wrong(app.say('claim.bad-service'));
    await app.attempt(async () => {
      await app.ask('set-service', { community: credential.community, service: origin });
      app.route();
    });
  }, service.row, element('p', {}, element('button', { class: 'quiet' }, app.say('action.keep'))));
}

function card(app, credential, place) {
  const id = `credential-${place}`;
  const warns = credential.state === 'closed' || credential.state === 'gone';
  return element('section', { class: 'card', 'aria-labelledby': `${id}-name`, 'data-community': credential.community },
    element('h2', { id: `${id}-name` }, credential.name),
    element('p', { id: `${id}-state`, class: warns ? 'alert' : null, 'data-state': credential.state }, standing(app, credential)),
    credential.isToppingUp && [app.paragraph('credential.topping-up', {}, { id: `${id}-topping-up` }),
      credential.service && element('p', {}, app.button(`${id}-top-up-go-on`, 'credential.go-on', () => goOn(app, credential)))],
    credential.service && ['closed', 'renewed'].includes(credential.state) && element('p', {},
      app.button(`${id}-renew`, credential.state === 'closed' ? 'credential.renew' : 'credential.go-on', () => renew(app, credential))),
    values(app, credential), facts(app, credential),
    credential.service && credential.state === 'in-tree' && !credential.isToppingUp && element('details', { id: `${id}-top-up` },
      element('summary', {}, app.say('top-up.title')), topUpForm(app, credential, place)),
    credential.service ? element('details', { id: `${id}-moved` }, element('summary', {}, app.say('credential.service-moved')), serviceForm(app, credential, place))
      : serviceForm(app, credential, place));
}

async function sync(app) {
  const result = await work(app, 'sync', {});
  const failed = result?.communities.find(({ error }) => error);
  if (!failed) return;
  const host = failed.service && new URL(failed.service).host;
  app.trouble = app.explainCode(failed.error, { host: host ?? app.say('credential.service') });
  app.route();
}

async function renew(app, credential) {
  const result = await work(app, 'renew', { community: credential.community });
  if (result) tell(app, app.say(`renew.${result.state}`));
}

/** The top-up that was begun, as far as it goes. */
async function goOn(app, credential) {
  const result = await work(app, 'top-up', { community: credential.community });
  if (result) tell(app, app.say(`top-up.${result.state}`));
}

/** What came of something, above the credentials. */
function tell(app, text) {
  app.done = text;
  app.route();
}

/** Something that goes over the network, with a way to stop it. */
async function work(app, op, args) {
  showWork(app, `work.${op}`, () => app.go(''));
  const shown = app.shown;
  try {
    const result = await app.work(op, args, (progress) => showStep(app, progress));
    if (app.shown !== shown) return null;
    app.go('');
    return result;
  } catch (error) {
    if (!isAside(app, error) && app.shown === shown) app.problem(`work.${op}`, error, app.button('again', 'action.again', () => work(app, op, args)), app.button('back', 'action.back', () => app.go(''), { class: 'quiet' }));
    return null;
  }
}

export async function home(app) {
  app.wait('home.title');
  const shown = app.shown;
  const { credentials, pending } = await app.ask('credentials');
  const { bans, appeals } = await app.ask('appeals');
  if (app.shown !== shown) return;
  const newest = credentials.filter((credential) => credential.isNewest !== false);
  app.show('home.title',
    app.badLink && alertBox('bad-link', paragraph(app.say('claim.bad-link'))),
    app.lost?.lostData && alertBox('lost-data', paragraph(app.say('home.lost-data'))),
    app.trouble && alertBox('trouble', paragraph(app.trouble)),
    app.task === null && app.done && note('done', paragraph(app.done)),
    newest.length === 0 && element('div', { id: 'empty' }, app.paragraph('home.empty'), app.paragraph('home.empty-how')),
    newest.map((credential, place) => card(app, credential, place)),
    pending.length > 0 && element('section', { 'aria-labelledby': 'pending' }, app.heading('home.pending', 'pending'), app.paragraph('home.pending-how'),
      element('ul', {}, pending.map((claim) => element('li', {}, claim.name)))),
    element('p', { class: 'buttons' },
      element('a', { href: '#claim', class: newest.length > 0 ? 'button quiet' : 'button', id: 'to-claim' }, app.say('home.claim')),
      newest.some(({ service }) => service) && app.button('sync', 'home.sync', () => sync(app), { class: 'quiet' }),
      element('a', { href: '#find', class: 'button quiet', id: 'to-find' }, app.say('home.find')),
      bans.length + appeals.length > 0 && element('a', { href: '#appeals', class: 'button quiet', id: 'to-appeals' }, app.say('appeal.title'))),
    newest.length > 0 && paragraph(app.say('home.sync-hint'), { class: 'hint' }));
  app.badLink = false;
  app.lost = null;
  app.done = app.trouble = null;
}

/** Brings credentials back from the words and the log. */
export function find(app) {
  const service = field('find-service', app.say('claim.service'), { type: 'url', inputmode: 'url', placeholder: 'https://' }, app.say('credential.service-hint'));
  const community = field('find-community', app.say('claim.community'), { type: 'text', autocomplete: 'off', spellcheck: 'false' }, app.say('claim.community-hint'));
  app.show('find.title', app.paragraph('find.intro'),
    form('find-form', async () => {
      service.wrong(null);
      community.wrong(null);
      const [origin, id] = [serviceOrigin(service.input.value), communityID(community.input.value)];
      if (!origin) return service.wrong(app.say('claim.bad-service'));
      if (!id) return community.wrong(app.say('claim.bad-community'));
      const result = await work(app, 'restore-credentials', { service: origin, community: id });
      if (result) tell(app, app.say('find.found', { count: result.found }));
    },
    service.row, community.row,
    element('p', { class: 'buttons' }, element('button', { id: 'find' }, app.say('find.go')), app.button('back', 'action.back', () => app.go(''), { class: 'quiet' }))));
}
