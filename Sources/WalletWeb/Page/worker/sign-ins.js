// Sign-ins by a service's page: what it offers, checked as far as it can be, and the answer to one of its tiers.
import { smallestSet } from './answering.js';
import { Failure } from './failure.js';
import { hexId, isLine, jsonBytes, serviceOrigin } from './net.js';
import { verifyRecord } from './record.js';

const greatestTiers = 16;

/** Origin and handle of a sign-in's address; throws `sign-in-address`. */
function signInAddress(address) {
  const parts = /^(https?:\/\/[^/?#]+)\/sign-in\/([A-Za-z0-9_-]{1,128})$/.exec(address);
  if (!parts) throw new Failure('sign-in-address');
  return { origin: serviceOrigin(parts[1]), url: `${parts[1]}/sign-in/${parts[2]}/wallet` };
}

export class SignIns {
  #core;
  #net;
  #published;
  #answering;
  #appeals;
  #notes;
  #now;

  constructor({ core, net, published, answering, appeals, notes, now }) {
    [this.#core, this.#net, this.#published, this.#answering] = [core, net, published, answering];
    [this.#appeals, this.#notes, this.#now] = [appeals, notes, now];
  }

  offer({ address }) {
    return this.#notes.noting({ kind: 'sign-in' }, async (about) => {
      const { shown } = await this.#readOffer(address, about);
      const [{ unanswered } = { unanswered: 'credential-none' }] = shown.tiers;
      if (shown.tiers.every((tier) => tier.unanswered)) await this.#notes.refused(about, unanswered);
      return shown;
    });
  }

  /** What a sign-in asks, checked as far as it can be without its holder. `about`: takes up what a history says of it. */
  async #readOffer(address, about) {
    const { origin, url } = signInAddress(address);
    about.issuer = origin;
    const offer = await this.#net.json(url);
    const tiers = Array.isArray(offer.tiers) ? offer.tiers : [];
    const isWell = offer.version === 1 && isLine(offer.issuer, 2048) && isLine(offer.forum, 256) && hexId.test(offer.audience) && offer.policy !== null
      && typeof offer.policy === 'object' && tiers.length > 0 && tiers.length <= greatestTiers
      && tiers.every((tier) => isLine(tier?.name, 64) && tier.request !== null && typeof tier.request === 'object');
    if (!isWell) throw new Failure('offer-malformed');
    // A service that passes another's sign-in on would say the other's origin.
    if (offer.issuer !== origin) throw new Failure('issuer-mismatch');
    if (typeof offer.record !== 'string') throw new Failure('client-record-signature');
    const keys = await this.#net.json(`${origin}/openid/keys`);
    const record = await verifyRecord(offer.record, { keys, issuer: origin, audience: offer.audience, forum: offer.forum, now: this.#now() });
    const community = tiers[0].request.community;
    if (!hexId.test(community) || tiers.some((tier) => tier.request.community !== community)) throw new Failure('offer-malformed');
    const before = this.#notes.audiences()[offer.audience]?.issuer ?? null;
    Object.assign(about, { community, forum: record.name });
    const shown = {
      issuer: offer.issuer, forum: record.name, audience: offer.audience, origins: record.origins, community, communityName: null, hasCredential: false, lower: null,
      mustFetch: null, issuerBefore: before !== null && before !== offer.issuer ? before : null, policyChanged: false, policyNow: [], smallest: smallestSet, tiers: [],
    };
    const policy = jsonBytes(offer.policy);
    if (this.#core.content().credentials.some((one) => one.community === community)) {
      shown.hasCredential = true;
      shown.mustFetch = await this.#published.lay(community, shown);
      shown.policyNow = this.#answering.forms(policy, offer.audience);
      for (const tier of tiers) {
        const read = await this.#answering.read(jsonBytes(tier.request), offer.audience, { isSignIn: true, community, mustFetch: shown.mustFetch });
        shown.tiers.push({ name: tier.name, ...read });
        shown.policyChanged ||= read.refusal === 'policy-changed';
        shown.lower = Math.min(shown.lower ?? read.expires, read.expires);
      }
    }
    return { shown, url, policy, tiers };
  }

  present({ address, tier = null, asShown = null, acceptPolicy = false, acceptIssuer = false, smallestSet: smallest = smallestSet }) {
    return this.#notes.noting({ kind: 'sign-in' }, async (about) => {
      const { shown, url, policy, tiers } = await this.#readOffer(address, about);
      if (!shown.hasCredential) throw new Failure('credential-none');
      if (shown.issuerBefore && !acceptIssuer) throw new Failure('issuer-changed', { before: shown.issuerBefore });
      const asked = tier === null ? tiers[0] : tiers.find((one) => one.name === tier);
      if (!asked) throw new Failure('tier-unknown');
      const verdict = await this.#answering.answer(jsonBytes(asked.request), {
        audience: shown.audience, community: shown.community, policy, acceptPolicy, smallest, isSignIn: true, url, asShown,
        pinned: () => { this.#notes.audiences()[shown.audience] = { issuer: shown.issuer, forum: shown.forum, time: this.#now() }; },
      });
      if (verdict.verdict !== 'accepted' || !/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(verdict.code)) throw new Failure('answer-malformed');
      this.#appeals.forgetBan(shown);
      await this.#notes.note({ ...about, origin: shown.communityName, tier: asked.name, result: 'accepted' });
      return { verdict: 'accepted', code: verdict.code };
    });
  }
}
