// Requests that are no sign-in page's: acts, tickets, accounts and pseudonyms, as their service has them.
import { smallestSet } from './answering.js';
import { Failure } from './failure.js';
import { hexId, isLine, serviceOrigin } from './net.js';

export class Requests {
  #core;
  #net;
  #log;
  #published;
  #answering;
  #appeals;
  #notes;
  #now;

  constructor({ core, net, log, published, answering, appeals, notes, now }) {
    [this.#core, this.#net, this.#log, this.#published] = [core, net, log, published];
    [this.#answering, this.#appeals, this.#notes, this.#now] = [answering, appeals, notes, now];
  }

  /** A request, what its audience may ask, and who that is. `about`: takes up what a history says of it. */
  async #fetch({ service, audience, nonce }, about) {
    const origin = serviceOrigin(service);
    if (!hexId.test(audience)) throw new Failure('audience-id');
    if (!/^[0-9a-f]{2,128}$/.test(nonce)) throw new Failure('nonce');
    about.issuer = origin;
    const request = await this.#net.bytes(`${origin}/v1/requests/${nonce}`);
    // What is fetched does not depend on what is asked: whether, and why, the wallet refuses does not show in it.
    const policy = await this.#net.bytes(`${origin}/v1/audiences/${audience}/policy`, { isOptional: true });
    const name = await this.#audienceName(origin, audience);
    let community, own;
    try { ({ community, nonce: own } = JSON.parse(new TextDecoder().decode(request))); } catch { throw new Failure('answer-malformed'); }
    if (!hexId.test(community)) throw new Failure('answer-malformed');
    if (own !== nonce) throw new Failure('nonce-mismatch');
    const known = this.#notes.audiences()[audience] ?? { issuer: this.#log.data.services[community] ?? null };
    const isSame = known.issuer === null || known.issuer === origin;
    const isSigned = isSame && Boolean(known.forum);
    const forum = isSigned ? known.forum : name;
    Object.assign(about, { community, forum });
    if (!this.#core.content().credentials.some((one) => one.community === community)) throw new Failure('credential-none');
    return { origin, request, policy, community, forum, isSigned, issuerBefore: isSame ? null : known.issuer };
  }

  /** What a service calls an audience, in its word alone. */
  async #audienceName(origin, audience) {
    const { audiences } = await this.#net.json(`${origin}/v1/community`).catch(() => ({}));
    const name = Array.isArray(audiences) ? audiences.find((one) => one?.id === audience)?.name : null;
    return isLine(name, 64) ? name : null;
  }

  read({ service, audience, nonce }) {
    return this.#notes.noting({ kind: 'answer' }, async (about) => {
      const { origin, request, policy, community, forum, isSigned, issuerBefore } = await this.#fetch({ service, audience, nonce }, about);
      const shown = { service: origin, forum, isSigned, issuerBefore, community, communityName: null, audience, mustFetch: null, smallest: smallestSet, policyNow: [] };
      shown.mustFetch = await this.#published.lay(community, shown);
      if (policy) shown.policyNow = this.#answering.forms(policy, audience);
      const { told, ...read } = await this.#answering.read(request, audience, { isSignIn: false, community, mustFetch: shown.mustFetch });
      about.what = read.kind;
      if (read.unanswered) await this.#notes.refused(about, read.unanswered);
      const subject = read.scopes.find(({ purpose }) => purpose === 'act')?.subject ?? null;
      const withAccount = read.scopes.some(({ purpose }) => purpose === 'account');
      return { ...shown, policyChanged: read.refusal === 'policy-changed', subject, withAccount, ...read };
    });
  }

  answer({ service, audience, nonce, asShown = null, acceptPolicy = false, acceptIssuer = false, smallestSet: smallest = smallestSet }) {
    return this.#notes.noting({ kind: 'answer' }, async (about) => {
      const { origin, request, policy, community, forum, isSigned, issuerBefore } = await this.#fetch({ service, audience, nonce }, about);
      if (issuerBefore && !acceptIssuer) throw new Failure('issuer-changed', { before: issuerBefore });
      const verdict = await this.#answering.answer(request, {
        audience, community, policy, acceptPolicy, smallest, isSignIn: false, url: `${origin}/v1/audiences/${audience}/presentations`, about, asShown,
        // Only a name that was signed is known later.
        pinned: () => { this.#notes.audiences()[audience] = { issuer: origin, forum: isSigned ? forum : null, time: this.#now() }; },
      });
      if (verdict.verdict !== 'accepted') throw new Failure('answer-malformed');
      if (about.what === 'sign-in') this.#appeals.forgetBan({ audience, community });
      await this.#notes.note({ ...about, result: 'accepted' });
      return verdict;
    });
  }
}
