// What all views share: the words, the wallet, where one is, and how something new is shown to those who see it and those who hear it.
import { alertBox, button, element, heading, paragraph } from './dom.js';
import { Refused } from './wallet.js';

const taskPlace = 'symbolon.task';
/** Codes that have no sentence of their own, by what a member can do about them. */
const families = [
  [/^code-(character|length|checksum)$/, 'code-mistyped'],
  [/^(receipt-|leaf-mismatch|claim-not-pending|value-|schema-count|schema-name|schema-dom|schema-dup|issuance-)/, 'receipt-wrong'],
  [/^(note-|checkpoint-|log-|tree-|light-|histogram-|spent-)/, 'log-wrong'],
  [/^(client-record-|offer-|policy-mismatch)/, 'provider-wrong'],
  [/^(busy|too-many-.*|store-unavailable|shutting-down|timeout|http-50[234])$/, 'busy'],
  [/^(answer-|http-|json-|format-|body-|community-(id|changed|unknown)$)/, 'service-wrong'],
  [/^(predicate-|attribute-|disclos|request-|context-|nonce|scope-|ticket|(audience|community|schema|expiry|message)-mismatch$)/, 'request-wrong'],
  [/^(membership-proof|relation-proof|presentation-)/, 'proof-refused'],
  [/^renewal-/, 'renewal-wrong'],
  [/^top-up-/, 'top-up-wrong'],
];

function stay(event) {
  event.preventDefault();
}

export class App {
  #isFirst = true;
  #shown = 0;
  /** What the member came with, until it is done: kept with this tab, for a page that is loaded again. */
  #task = null;
  /** Somebody followed a link that is none. */
  badLink = false;
  /** The wallet works for what is shown: who goes elsewhere stops it. */
  isWorking = false;
  /** What is being written against a ban, `{ban, text}`, until it is sent. */
  appeal = null;
  /** Said with what is shown next. */
  later = '';
  /** Shows the same again, in other words, where to begin anew would lose something. */
  redraw = null;

  constructor({ words, wallet, turn, route }) {
    this.words = words;
    this.wallet = wallet;
    this.turn = turn;
    this.route = route;
    try { this.#task = JSON.parse(sessionStorage.getItem(taskPlace)); } catch { /* There is none. */ }
  }

  get task() { return this.#task; }

  set task(task) {
    this.#task = task;
    if (task) sessionStorage.setItem(taskPlace, JSON.stringify(task));
    else sessionStorage.removeItem(taskPlace);
  }

  say(key, given) { return this.words.say(key, given); }

  /** Replaces what the page shows. The new heading gets the focus, which is how a screen reader learns of it. */
  show(title, ...nodes) {
    const text = this.words.has(title) ? this.say(title) : title;
    const main = document.getElementById('main');
    const top = element('h1', { id: 'title', tabindex: '-1' }, text);
    main.replaceChildren(top, ...nodes.flat(Infinity).filter(Boolean));
    main.removeAttribute('aria-busy');
    document.title = `${text} – ${this.say('app.name')}`;
    document.querySelectorAll('#navigation a').forEach((link) => {
      if (link.getAttribute('href') === (location.hash || '#')) link.setAttribute('aria-current', 'page');
      else link.removeAttribute('aria-current');
    });
    this.announce(this.later);
    this.later = '';
    this.redraw = null;
    this.#shown += 1;
    if (!this.#isFirst) {
      scrollTo(0, 0);
      top.focus({ preventScroll: true });
    }
    this.#isFirst = false;
  }

  /** Counts what was shown: who waited for something sees whether the member has gone on. */
  get shown() { return this.#shown; }

  /** Read out, and seen at the end of the page: what is being done. */
  announce(text) { document.getElementById('announcement').textContent = text; }

  /** Goes to a part of the page, and there anew when one is there. */
  go(hash) {
    if ((location.hash || '') === hash) return this.route();
    // An empty one would leave a `#` behind, and scroll.
    if (hash === '') {
      history.pushState(null, '', location.pathname);
      return this.route();
    }
    location.hash = hash;
  }

  ask(op, args, options) { return this.wallet.ask(op, args, options); }

  /** Warns who leaves a page on which something is not kept yet. */
  keepPage(isKept) {
    if (isKept) addEventListener('beforeunload', stay);
    else removeEventListener('beforeunload', stay);
  }

  /** After a wallet was opened. */
  opened() { return this.whenOpened?.(); }

  /** A sentence for an error, and what to do. `place`: where its own sentences stand, if what was tried has some. */
  explain(error, place = null) {
    if (!(error instanceof Refused)) return this.say('error.internal-error', { what: String(error?.message ?? error) });
    return this.explainCode(error.code, error.detail, place);
  }

  explainCode(code, detail = {}, place = null) {
    const given = { ...detail, code };
    if (typeof given.until === 'number') given.until = this.words.time(given.until);
    const own = code === 'banned' && !given.until ? 'banned-no-end' : code;
    const family = families.find(([form]) => form.test(code))?.[1] ?? 'unknown';
    const keys = [`${place}-error.${own}`, `error.${own}`, `error.${family}`];
    return this.say(keys.find((key) => this.words.has(key)), given);
  }

  /** Runs something; what fails is said at the top of what is shown, and the rest stays. Returns whether it went well. */
  async attempt(body) {
    document.getElementById('failure')?.remove();
    try {
      await body();
      return true;
    } catch (error) {
      if (error.code === 'locked' || error.code === 'elsewhere') this.route();
      else if (error.code !== 'cancelled') this.complain(error);
      return false;
    }
  }

  /** Asks for something that takes its time and shows how far it is. What is shown stays until it has ended, or the member stops it or goes elsewhere. */
  async work(op, args, progress) {
    this.isWorking = true;
    this.redraw = () => {};
    try { return await this.ask(op, args, { progress }); } finally { this.isWorking = false; }
  }

  /** Stops what the wallet works on. */
  async stopWork() {
    this.isWorking = false;
    await this.wallet.cancel();
  }

  complain(error) {
    this.announce('');
    const box = alertBox('failure', paragraph(this.explain(error)), error.code === 'storage-lost' && this.rescue());
    document.getElementById('title').after(box);
    box.scrollIntoView({ block: 'nearest' });
  }

  /** The browser deleted what was stored, but the wallet is still in this page's memory. */
  rescue() {
    return element('p', {}, element('a', { href: '#backup' }, this.say('rescue.backup')));
  }

  /** A whole page about an error, with a way on. */
  problem(title, error, ...ways) {
    this.show(title, alertBox('failure', paragraph(this.explain(error))), element('p', { class: 'buttons' }, ways));
  }

  /** Shown while something is looked for. */
  wait(title) {
    this.show(title, paragraph(this.say('action.wait'), { id: 'waiting' }));
    document.getElementById('main').setAttribute('aria-busy', 'true');
  }

  heading(key, id = null, given = {}) { return heading(2, this.say(key, given), id); }
  paragraph(key, given, attributes) { return paragraph(this.say(key, given), attributes); }
  button(id, key, onclick, attributes) { return button(id, this.say(key), onclick, attributes); }
}
