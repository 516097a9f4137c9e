// A credential for a claim code: by a link, which may be a QR code, or typed.
import { alertBox, element, field, form, paragraph } from './dom.js';
import { camera, cameraIsPossible } from './camera.js';
import { claimCode, communityID, serviceOrigin, taskOfLink } from './links.js';
import { isAside, showStep, showWork } from './work.js';

/** Asks for a link, or for its parts. */
export function enter(app) {
  const link = field('link', app.say('claim.link'), { type: 'url', inputmode: 'url', autocomplete: 'off' }, app.say('claim.link-hint'));
  const code = field('claim-code', app.say('claim.code'), { type: 'text', autocomplete: 'off', autocapitalize: 'characters', spellcheck: 'false' }, app.say('claim.code-hint'));
  const service = field('claim-service', app.say('claim.service'), { type: 'url', inputmode: 'url', placeholder: 'https://' });
  const community = field('claim-community', app.say('claim.community'), { type: 'text', autocomplete: 'off', spellcheck: 'false' }, app.say('claim.community-hint'));
  function take(text) {
    const task = taskOfLink(text);
    if (!task) return false;
    app.task = task;
    app.go('');
    return true;
  }
  app.show('claim.title', app.paragraph('claim.intro'),
    form('link-form', () => {
      link.wrong(null);
      if (!take(link.input.value)) link.wrong(app.say('claim.bad-link'));
    },
    link.row,
    element('p', { class: 'buttons' }, element('button', { id: 'use-link' }, app.say('action.next')),
      cameraIsPossible() && app.button('camera', 'camera.read', () => app.attempt(async () => {
        let box;
        try { box = await camera(app.words, take); } catch { return app.announce(app.say('camera.none')); }
        document.getElementById('link-form').after(box);
      }), { class: 'quiet' }))),
    element('details', { id: 'by-hand' }, element('summary', {}, app.say('claim.by-hand')),
      form('claim-form', () => {
        for (const one of [code, service, community]) one.wrong(null);
        const task = { kind: 'claim', code: claimCode(code.input.value), service: serviceOrigin(service.input.value), community: communityID(community.input.value) };
        if (!task.code) return code.wrong(app.say('claim.bad-code'));
        if (!task.service) return service.wrong(app.say('claim.bad-service'));
        if (!task.community) return community.wrong(app.say('claim.bad-community'));
        app.task = task;
        app.go('');
      },
      code.row, service.row, community.row, element('p', {}, element('button', { id: 'use-code', class: 'quiet' }, app.say('action.next'))))),
    element('p', {}, app.button('back', 'action.back', () => app.go(''), { class: 'quiet' })));
}

/** What a link holds, before anything is sent. */
export function claim(app, task) {
  app.show('claim.confirm-title', app.paragraph('claim.confirm'),
    element('dl', { class: 'facts' },
      element('div', {}, element('dt', {}, app.say('claim.service')), element('dd', { id: 'claim-from' }, task.service)),
      element('div', {}, element('dt', {}, app.say('claim.community')), element('dd', { class: 'id', id: 'claim-for' }, task.community))),
    app.paragraph('claim.once'),
    element('p', { class: 'buttons' },
      app.button('claim', 'claim.go', () => send(app, task)),
      app.button('leave-task', 'action.cancel', () => app.leaveTask(), { class: 'quiet' })));
}

async function send(app, task) {
  showWork(app, 'claim.working-title', () => claim(app, task));
  try {
    const { kind, ...args } = task;
    const { name } = await app.work('claim', args, (progress) => showStep(app, progress));
    app.task = null;
    app.done = app.say('claim.done', { community: name });
    app.go('');
  } catch (error) {
    if (!isAside(app, error)) failed(app, task, error);
  }
}

function failed(app, task, error) {
  app.show('claim.failed-title', alertBox('failure', paragraph(app.explain(error))), app.paragraph('claim.failed-hint'),
    element('p', { class: 'buttons' }, app.button('again', 'action.again', () => send(app, task)),
      app.button('leave-task', 'action.leave', () => app.leaveTask(), { class: 'quiet' })));
  app.redraw = () => failed(app, task, error);
}
