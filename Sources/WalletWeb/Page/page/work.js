// Something that takes its time: how far it is, and a way to stop it.
import { element, paragraph } from './dom.js';

/** Shows that the wallet works. `stopped`: what is shown when its owner stops it. */
export function showWork(app, title, stopped) {
  app.show(title, paragraph(app.say('action.wait'), { id: 'work-step' }), element('progress', { id: 'work-progress', 'aria-labelledby': 'work-step' }),
    element('p', { class: 'buttons' }, app.button('stop', 'action.cancel', async () => {
      await app.stopWork();
      stopped();
    }, { class: 'quiet' })));
}

/** How far a piece of work is, in words that change seldom. */
export function showStep(app, { step, done, total }) {
  const key = app.words.has(`step.${step}`) ? `step.${step}` : 'action.wait';
  const text = app.say(key);
  const place = document.getElementById('work-step');
  if (place && place.textContent !== text) {
    place.textContent = text;
    app.announce(text);
  }
  const bar = document.getElementById('work-progress');
  if (!bar) return;
  // Of a single piece nobody knows how far it is.
  if (total > 1) {
    bar.max = total;
    bar.value = done;
  } else {
    bar.removeAttribute('value');
  }
}

/** What fails but says nothing of what was tried: the wallet was locked, taken to another tab, or stopped. Returns whether it was that. */
export function isAside(app, error) {
  if (error.code === 'locked' || error.code === 'elsewhere') app.route();
  return ['locked', 'elsewhere', 'cancelled'].includes(error.code);
}
