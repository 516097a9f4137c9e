// What banned members say to be heard. Kept beside the wallet, with the bans that were told: so an appeal outlives a page that ends before its answer, and can be asked
// for later with the same text, which is how its author is known.
import { Failure } from './failure.js';
import { hexId, serviceOrigin } from './net.js';

/** Bytes of what a member says, and of what is answered, at most: as in AppealStatement.swift and Moderation.swift. */
const [greatestText, greatestAnswer] = [4000, 2000];
/** Bytes of the service's answer. */
const greatestTold = 2 ** 15;
/** Bans that are kept, and appeals. */
const greatestKept = 32;
const utf8 = new TextEncoder();

/** Whether people can have written it, as the service decides: more than blanks, and no control or format characters but line ends. */
function isProse(text, greatest) {
  return typeof text === 'string' && /\S/u.test(text) && !/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u.test(text.replaceAll('\n', '')) && utf8.encode(text).length <= greatest;
}

/** Whether a service itself said no: then it recorded nothing. What stands between may say so after it did. */
const isRefusal = ({ code, detail }) => detail?.refusedBy === 'service' && detail.status < 500 && !code.startsWith('http-');
const isDecided = ({ state }) => state === 'granted' || state === 'refused';
const freshId = () => Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0')).join('');

export class Appeals {
  #core;
  #vault;
  #net;
  #log;
  #now;
  #progress;
  #published;
  #notes;

  constructor({ core, vault, net, log, published, notes, now, progress }) {
    [this.#core, this.#vault, this.#net, this.#log] = [core, vault, net, log];
    [this.#published, this.#notes, this.#now, this.#progress] = [published, notes, now, progress];
  }

  get #kept() {
    const engine = this.#log.data.engine ??= {};
    return engine.appeals ??= { bans: [], said: [] };
  }

  /** Bans that have not ended, and appeals, newest first. */
  list() {
    const { bans, said } = this.#kept;
    return { bans: bans.filter(({ until }) => until === null || until > this.#now()).reverse(), appeals: [...said].reverse() };
  }

  /** A service told of a ban. Its id. */
  async noteBan({ service, audience, community }, { reason, until }) {
    const kept = this.#kept;
    const before = this.#banOf(audience, community);
    const ban = { id: before?.id ?? freshId(), time: this.#now(), service, audience, community, forum: this.#notes.audiences()[audience]?.forum ?? null, reason, until };
    kept.bans = [...kept.bans.filter((one) => one !== before), ban].slice(-greatestKept);
    await this.#vault.save();
    return ban.id;
  }

  #banOf(audience, community) { return this.#kept.bans.find((one) => one.audience === audience && one.community === community) ?? null; }

  /** It holds no more; to be saved. */
  forgetBan({ audience, community }) {
    const kept = this.#kept, over = this.#banOf(audience, community);
    kept.bans = kept.bans.filter((one) => one !== over);
  }

  /** Deletes a ban or an appeal from what is kept here; the service hears nothing of it. */
  async forget({ id }) {
    const kept = this.#kept;
    kept.bans = kept.bans.filter((one) => one.id !== id);
    kept.said = kept.said.filter((one) => one.id !== id);
    await this.#vault.save();
  }

  /** Sends an appeal, or with the same text asks how it stands. */
  async send({ service, audience, community, text }) {
    const origin = serviceOrigin(service);
    if (!hexId.test(audience)) throw new Failure('audience-id');
    if (!hexId.test(community)) throw new Failure('community-id');
    const said = typeof text === 'string' ? text.trim() : '';
    if (!isProse(said, greatestText)) throw new Failure('appeal-text');
    if (!this.#core.content().credentials.some((one) => one.community === community)) throw new Failure('credential-none');
    const issuer = this.#notes.audiences()[audience]?.issuer ?? origin;
    if (issuer !== origin) throw new Failure('issuer-changed', { before: issuer });
    const id = await this.#keep({ service: origin, audience, community, text: said });
    await this.#published.ready(community);
    this.#progress({ step: 'prove', done: 0, total: 1 });
    const body = this.#core.proveAppeal(audience, utf8.encode(said));
    // What may have arrived is not to be taken for what never left.
    await this.#change(id, (one) => { if (one.state === 'unsent') one.state = 'unanswered'; });
    this.#progress({ step: 'appeal' });
    let told;
    try { told = this.#read(await this.#net.json(`${origin}/v1/audiences/${audience}/appeals`, { body, limit: greatestTold })); } catch (error) {
      if (isRefusal(error)) await this.#refused(id, error.code, { audience, community });
      throw error;
    }
    await this.#change(id, (one) => {
      if (told.state === 'granted' && one.state !== 'granted') this.forgetBan({ audience, community });
      Object.assign(one, told, { refusal: null });
    });
    return told;
  }

  /** The entry of a text, made where there is none. It takes the place of one for the same ban that was never sent. */
  async #keep({ service, audience, community, text }) {
    const kept = this.#kept;
    const isThere = (one) => one.audience === audience && one.community === community;
    const before = kept.said.find((one) => isThere(one) && one.service === service && one.text === text);
    if (before) return before.id;
    const entry = {
      id: freshId(), time: this.#now(), service, audience, community, forum: this.#banOf(audience, community)?.forum ?? this.#notes.audiences()[audience]?.forum ?? null,
      text, state: 'unsent', answer: null, refusal: null,
    };
    kept.said = [...kept.said.filter((one) => !isThere(one) || one.state !== 'unsent'), entry];
    // Those that are decided go first.
    if (kept.said.length > greatestKept) kept.said.splice(Math.max(0, kept.said.findIndex(isDecided)), 1);
    await this.#vault.save();
    return entry.id;
  }

  /** Changes an entry, unless its owner deleted it in the meantime; saves. */
  async #change(id, change) {
    const entry = this.#kept.said.find((one) => one.id === id);
    if (entry) change(entry);
    await this.#vault.save();
  }

  #refused(id, code, place) {
    if (code === 'not-banned') this.forgetBan(place);
    return this.#change(id, (one) => {
      if (one.state === 'unanswered') [one.state, one.refusal] = ['unsent', code];
    });
  }

  /** What a service says of an appeal; nobody can check whether it is true. */
  #read({ state, answer = null }) {
    const isWell = ['open', 'granted', 'refused'].includes(state) && (answer === null || (state !== 'open' && isProse(answer, greatestAnswer)));
    if (!isWell) throw new Failure('answer-malformed');
    return { state, answer };
  }
}
