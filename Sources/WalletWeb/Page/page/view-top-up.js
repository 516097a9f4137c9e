// A code that adds to a credential: by a link, or typed beside the credential.
import { alertBox, element, field, form, paragraph } from './dom.js';
import { claimCode } from './links.js';
import { isAside, showStep, showWork } from './work.js';

/** What a link holds, before anything is sent. */
export async function topUp(app, task) {
  app.wait('top-up.confirm-title');
  const shown = app.shown;
  const { credentials } = await app.ask('credentials');
  if (app.shown !== shown) return;
  const credential = credentials.find((one) => one.community === task.community && one.isNewest !== false);
  const moved = credential?.service && credential.service !== task.service;
  app.show('top-up.confirm-title',
    credential ? app.paragraph('top-up.confirm', { community: credential.name }) : alertBox('failure', app.paragraph('top-up.no-credential')),
    moved && alertBox('moved', app.paragraph('top-up.moved', { before: credential.service, service: task.service })),
    element('dl', { class: 'facts' },
      element('div', {}, element('dt', {}, app.say('claim.service')), element('dd', { id: 'top-up-from' }, task.service)),
      element('div', {}, element('dt', {}, app.say('claim.community')), element('dd', { class: 'id', id: 'top-up-for' }, task.community))),
    credential && app.paragraph('top-up.known', {}, { class: 'hint' }),
    element('p', { class: 'buttons' },
      credential ? app.button('top-up', 'top-up.go', () => send(app, task))
        : element('a', { class: 'button', href: '#claim', id: 'to-claim', onclick: () => { app.task = null; } }, app.say('home.claim')),
      app.button('leave-task', 'action.cancel', () => app.leaveTask(), { class: 'quiet' })));
}

/** A code is typed for this credential. */
export function topUpForm(app, credential, place) {
  const code = field(`top-up-code-${place}`, app.say('top-up.code'), { type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' }, app.say('claim.code-hint'));
  return form(`top-up-form-${place}`, async () => {
    code.wrong(null);
    const typed = claimCode(code.input.value);
    if (!typed) return code.wrong(app.say('claim.bad-code'));
    await send(app, { kind: 'top-up', code: typed, service: credential.service, community: credential.community });
  }, app.paragraph('top-up.intro'), code.row, element('p', {}, element('button', { class: 'quiet' }, app.say('top-up.go'))));
}

async function send(app, task) {
  // A page that is loaded again, or unlocked, goes on with it.
  app.task = task;
  showWork(app, 'work.top-up', () => topUp(app, task));
  try {
    const { kind, ...args } = task;
    const { state } = await app.work('top-up', args, (progress) => showStep(app, progress));
    app.task = null;
    app.done = app.say(`top-up.${state}`);
    app.go('');
  } catch (error) {
    if (!isAside(app, error)) failed(app, task, error);
  }
}

function failed(app, task, error) {
  app.show('top-up.failed-title', alertBox('failure', paragraph(app.explain(error, 'top-up'))), app.paragraph('top-up.failed-hint'),
    element('p', { class: 'buttons' }, app.button('again', 'action.again', () => send(app, task)),
      app.button('leave-task', 'action.leave', () => app.leaveTask(), { class: 'quiet' })));
  app.redraw = () => failed(app, task, error);
}
