// What a wallet does with a service: the member's half of the command line, step by step in the same order. What must not be lost is on the disk before anything is
// sent (`vault.save`), so each operation can be repeated after it was cut off anywhere. One operation at a time. Ids are hex, times seconds since 1970.
//
//   new Engine({core, vault, fetch, now, progress})      progress({step: "fetch" | "prove" | "claim" | "send" | "appeal" | "search", done?, total?})
//
//   credentials() -> {credentials: [{community, name, origin, service|null, epoch, isNewest, attributes: [{name, kind, value}], issued|null, promisedBy|null,
//                     state: "unknown" | "waiting" | "in-tree" | "closed" | "renewed" | "gone", isToppingUp, checked|null, members|null, epochNow|null}], pending: [{community, name, service|null}]}
//   claim({service, community, code}) -> {community, name}
//   sync({community?}) -> {communities: [{community, checked|null, leaves|null, epoch|null, error|null}]}      for a schedule; never for a presentation
//   offer({address}) -> {issuer, forum, audience, origins, community, communityName|null, hasCredential, lower, mustFetch: null | "none" | "old" | "leaf-missing",
//                        issuerBefore|null, policyChanged, policyNow: [text], smallest, tiers: [{name, conditions: [text], disclosed: [{name, value}], scopes, refusal|null,
//                        predicate|null, unanswered: null | code, members, minimum, asShown}]}      `unanswered`: why the wallet does not answer as things stand, whatever its holder agrees to;
//                        `asShown`: all of it, to be given back: another request than the one that was shown is not answered (`request-changed`)
//   present({address, tier, asShown?, acceptPolicy, acceptIssuer, smallestSet}) -> {verdict: "accepted", code}
//   forks() -> [{community, fork}]      proofs that two histories are signed; as long as there is one, nothing is presented to anybody of that community
//   forgetForks({community})            for a holder who has settled it with the operator
//   renew({community}) -> {state: "current" | "waiting" | "renewed", epoch|null}      to be called again while it waits
//   topUp({community, code|null, service?}) -> {state: "waiting" | "topped-up"}      without a code: goes on with the one that was begun; `service`: as a link names it
//   restoreCredentials({service, community}) -> {found, epoch|null}
// For requests that are no sign-in page's, of acts, tickets and pseudonyms:
//   readRequest({service, audience, nonce}) -> one tier as above with {service, forum|null, isSigned, kind: "act" | "post" | "sign-in", withAccount, subject|null, tickets|null,
//                                              message|null, expires, community, communityName, audience, mustFetch, smallest, issuerBefore|null, policyChanged, policyNow}
//                                              `forum`: what the service calls the audience; `isSigned`: by a record that was seen at a sign-in
//   answer({service, audience, nonce, asShown?, acceptPolicy, acceptIssuer, smallestSet}) -> the service's verdict
//   declined({kind, …}) keeps in the history that the holder did not want to
//   appeals() -> {bans: [{id, time, service, audience, community, forum|null, reason, until|null}], appeals: [{id, time, service, audience, community, forum|null, text,
//                 state: "unsent" | "unanswered" | "open" | "granted" | "refused", answer|null, refusal: code|null}]}      what is kept here; newest first
//   appeal({service, audience, community, text}) -> {state: "open" | "granted" | "refused", answer|null}      the same text again asks how it stands
//   forgetAppeal({id})      of a ban or an appeal
//
// Failures have the code of the check that failed. From a service `detail.refusedBy` is "service" and `detail.status` its status; of a banned pseudonym `{reason, until|null,
// signInCode|null, ban: its id in appeals()}`. `log-fork`: two histories of the log are signed, `detail.fork` proves it.
import { Appeals } from './appeals.js';
import { Failure } from './failure.js';
import { Log } from './log.js';
import { Net, jsonBytes, serviceOrigin } from './net.js';
import { verifyRecord } from './record.js';
import { refusalOf } from './refusals.js';

/** Seconds that a copy is good for without a fetch. */
const freshFor = 45 * 60;
/** Members who could give the same answer, below which the wallet gives none, unless said otherwise. */
const smallestSet = 5;
const greatestHistogram = 2 ** 22;
const greatestSpent = 128 + (2 ** 22 / 8) * 23;
const greatestTiers = 16;
/** Seconds in which the same refusal again is the same: a page that is loaded anew. */
const sameFor = 600;
/** Refusals after which the same claim will never be taken. */
const lostCodes = new Set(['code-unknown', 'code-used']);
const hexId = /^[0-9a-f]{64}$/;
const utf8 = new TextEncoder();

const isLine = (value, greatest) => typeof value === 'string' && value.length > 0 && value.length <= greatest && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);

/** What an answer would do: a ticket, an act or a sign-in; null for what nobody but the community itself asks. */
function kindOf({ scopes, tickets }) {
  if (tickets !== undefined) return 'post';
  return ['act', 'sign-in'].find((kind) => scopes.some(({ purpose }) => purpose === kind)) ?? null;
}

/** What follows is a task of its own: a worker that is ended while it computes finishes the task first, in browsers, and what it sends in the same task goes out. */
const ownTask = () => new Promise((resolve) => { setTimeout(resolve); });

/** Origin and handle of a sign-in's address; throws `sign-in-address`. */
function signInAddress(address) {
  const parts = /^(https?:\/\/[^/?#]+)\/sign-in\/([A-Za-z0-9_-]{1,128})$/.exec(address);
  if (!parts) throw new Failure('sign-in-address');
  return { origin: serviceOrigin(parts[1]), url: `${parts[1]}/sign-in/${parts[2]}/wallet` };
}

export class Engine {
  #core;
  #vault;
  #net;
  #log;
  #appeals;
  #now;
  #progress;
  #line = Promise.resolve();

  constructor({ core, vault, fetch, now = () => Math.floor(Date.now() / 1000), progress = () => {} }) {
    [this.#core, this.#vault, this.#now, this.#progress] = [core, vault, now, progress];
    this.#net = new Net(fetch);
    this.#log = new Log({ core, vault, net: this.#net, now, progress });
    this.#appeals = new Appeals({
      core, vault, net: this.#net, log: this.#log, now, progress, ready: (community) => this.#ready(community), known: (audience) => this.#audiences()[audience] ?? null,
    });
  }

  /** One after the other: the module has one community and one request at hand. */
  #run(body) {
    const result = this.#line.then(body);
    this.#line = result.catch(() => {});
    return result;
  }

  #service(community) {
    const service = this.#log.data.services[community];
    if (!service) throw new Failure('service-unknown');
    return serviceOrigin(service);
  }

  // What there is.

  /** Also while another operation waits for a service. */
  async credentials() {
    const { credentials, pending } = this.#core.content();
    const service = (community) => this.#log.data.services[community] ?? null;
    return {
      credentials: credentials.map((one) => {
        const log = this.#log.memory(one.community).state;
        return {
          community: one.community, name: one.name, origin: one.name, service: service(one.community), epoch: one.epoch, isNewest: one.newest,
          attributes: one.attributes, isToppingUp: one['topping-up'], issued: one.issued ?? null, promisedBy: one['promised-by'] ?? null, state: this.#state(one, log),
          checked: this.#log.data.copies[one.community]?.checked ?? null, members: log && log.epoch === one.epoch ? log.leaves : null, epochNow: log?.epoch ?? null,
        };
      }),
      pending: pending.map(({ community, name }) => ({ community, name, service: service(community) })),
    };
  }

  #state(credential, log) {
    if (credential.renewing) return 'renewed';
    if (!log) return 'unknown';
    if (log.epoch > credential.epoch || (log.epoch === credential.epoch && log.closed)) return 'closed';
    if (credential.newest && log.held) return 'in-tree';
    // The log's own time says whether the promise is broken; where not all leaves are fetched, it can stand elsewhere.
    return log.whole && (credential['promised-by'] ?? 0) < log.time && log.held === false ? 'gone' : 'waiting';
  }

  async forks() {
    return Object.entries(this.#log.data.engine?.logs ?? {}).flatMap(([community, { forks }]) => forks.map((fork) => ({ community, fork })));
  }

  forgetForks({ community }) {
    return this.#run(async () => {
      this.#log.memory(community).forks = [];
      await this.#vault.save();
    });
  }

  // Claims.

  claim({ service, community, code }) {
    return this.#run(async () => {
      const origin = serviceOrigin(service);
      if (!hexId.test(community)) throw new Failure('community-id');
      this.#progress({ step: 'fetch' });
      const json = await this.#net.bytes(`${origin}/log/community.json`);
      await this.#log.open(community, json);
      this.#log.refuseFork(community);
      // Before the claim: leaves that are in the tree now are not the one that comes of it.
      await this.#log.update(community, origin);
      this.#progress({ step: 'claim' });
      const body = this.#core.beginClaim(code);
      // Where a community was known to be, it is until another service has proved that it is of it: a link leads nobody's wallet away.
      const before = this.#log.data.services[community];
      this.#log.data.services[community] ??= origin;
      await this.#vault.save();
      let receipt;
      try { receipt = await this.#net.bytes(`${origin}/v1/credentials`, { body }); } catch (error) {
        if (lostCodes.has(error.code)) {
          this.#core.forgetClaim(code);
          if (!before) delete this.#log.data.services[community];
          await this.#vault.save();
        }
        throw error;
      } finally {
        body.fill(0);
      }
      await this.#core.finishClaim(receipt);
      this.#log.lookAgain(community);
      this.#log.data.services[community] = origin;
      const name = this.#core.openCommunity(community);
      await this.#vault.save();
      await this.#vault.remember({ time: this.#now(), kind: 'claim', community, origin: name });
      return { community, name };
    });
  }

  // The schedule.

  sync({ community = null } = {}) {
    return this.#run(async () => {
      const { credentials, pending } = this.#core.content();
      const all = new Set([...credentials, ...pending].map((one) => one.community));
      const communities = [];
      for (const id of community === null ? all : [community]) {
        const one = { community: id, checked: null, leaves: null, epoch: null, error: null };
        try {
          const state = await this.#refresh(id, this.#service(id));
          [one.leaves, one.epoch] = [state.leaves, state.epoch];
        } catch (error) {
          if (['core-failed', 'locked', undefined].includes(error.code)) throw error;
          one.error = error.code;
        }
        one.checked = this.#log.data.copies[id]?.checked ?? null;
        communities.push(one);
      }
      return { communities };
    });
  }

  /** The tree, and what else is published and fetched with it, so that no fetch shows when somebody presents: histogram, spent tickets, whether renewals have begun. */
  async #refresh(id, service) {
    await this.#log.open(id);
    // Before the tree: whoever is counted stands in it then. One that counts more members than there are leaves is not believed.
    const histogram = await this.#net.bytes(`${service}/v1/histogram`, { limit: greatestHistogram, isOptional: true }).catch(() => null);
    const state = await this.#log.update(id, service);
    if (histogram) await this.#vault.keepCopy(`${id}-histogram`, histogram, { checked: this.#now() });
    await this.#fetchSpent(id, service, state.epoch).catch(() => {});
    const told = await this.#net.json(`${service}/v1/community`).catch(() => null);
    // Nobody signs this: it decides what a page suggests, and nothing else.
    const memory = this.#log.memory(id);
    const closed = told?.closed === true && told.epoch === state.epoch;
    if (memory.state.closed !== closed) {
      memory.state.closed = closed;
      await this.#vault.save();
    }
    return state;
  }

  async #fetchSpent(id, service, epoch) {
    const spent = await this.#net.bytes(`${service}/v1/spent/${epoch}`, { limit: greatestSpent, isOptional: true });
    if (spent) await this.#vault.keepCopy(`${id}-spent`, spent, { checked: this.#now() });
  }

  // Sign-ins.

  offer({ address }) {
    return this.#noting({ kind: 'sign-in' }, async (about) => {
      const { shown } = await this.#readOffer(address, about);
      const [{ unanswered } = { unanswered: 'credential-none' }] = shown.tiers;
      if (shown.tiers.every((tier) => tier.unanswered)) await this.#note({ ...about, ...refusalOf(new Failure(unanswered)) });
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
    const before = this.#audiences()[offer.audience]?.issuer ?? null;
    Object.assign(about, { community, forum: record.name });
    const shown = {
      issuer: offer.issuer, forum: record.name, audience: offer.audience, origins: record.origins, community, communityName: null, hasCredential: false, lower: null,
      mustFetch: null, issuerBefore: before !== null && before !== offer.issuer ? before : null, policyChanged: false, policyNow: [], smallest: smallestSet, tiers: [],
    };
    const policy = jsonBytes(offer.policy);
    if (this.#core.content().credentials.some((one) => one.community === community)) {
      shown.hasCredential = true;
      shown.mustFetch = await this.#lay(community, shown);
      shown.policyNow = this.#forms(policy, offer.audience);
      for (const tier of tiers) {
        const read = await this.#read(jsonBytes(tier.request), offer.audience, { isSignIn: true, community, mustFetch: shown.mustFetch });
        shown.tiers.push({ name: tier.name, ...read });
        shown.policyChanged ||= read.refusal === 'policy-changed';
        shown.lower = Math.min(shown.lower ?? read.expires, read.expires);
      }
    }
    return { shown, url, policy, tiers };
  }

  /** What was seen first of each audience. */
  #audiences() {
    const engine = this.#log.data.engine ??= {};
    return engine.audiences ??= {};
  }

  /** Lays a community with its copy before the module; why it has to be fetched, null when it has not. */
  async #lay(community, shown) {
    const checked = await this.#log.open(community);
    shown.communityName = this.#core.content().credentials.find((one) => one.community === community)?.name ?? null;
    if (checked === null) return 'none';
    const now = this.#now();
    // A clock that was set back makes no copy new.
    if (checked > now + 60 || checked < now - freshFor) return 'old';
    return this.#core.copyState().held ? null : 'leaf-missing';
  }

  /** What a published policy lets an audience ask, as text. */
  #forms(policy, audience) {
    return this.#core.readPolicy(policy, audience).forms.map((form) => {
      const parts = [...form.predicates ?? [], ...(form.disclose ?? [])];
      return parts.length > 0 ? parts.join(', ') : form.purposes.join(', ');
    });
  }

  /** A request at hand, as its holder is told of it. */
  async #read(request, audience, { isSignIn, community, mustFetch }) {
    const read = this.#core.openRequest(request, audience, isSignIn);
    const kind = kindOf(read);
    const refusal = kind === null ? { code: 'scope-combination' } : this.#core.refusal(this.#now());
    const { members, minimum } = await this.#set(community);
    // A changed policy can be agreed to; hardly anybody to stand behind cannot. Where the histogram has to be fetched again, it is looked at once more before the answer.
    const isAlone = members < smallestSet && mustFetch === null;
    const unanswered = refusal && refusal.code !== 'policy-changed' ? refusal.code : isAlone ? 'anonymity-set-too-small' : null;
    const { checkpoint, ...content } = read;
    return {
      asShown: JSON.stringify(content), kind, conditions: read.predicates, disclosed: read.disclosed, scopes: read.scopes, tickets: read.tickets ?? null, message: read.message ?? null, expires: read.expires,
      refusal: refusal?.code ?? null, predicate: refusal?.predicate ?? null, unanswered, members, minimum, told: checkpoint ?? null,
    };
  }

  /** How many members at least could give the answer to the request at hand, by the histogram of the last fetch. */
  async #set(community) {
    const histogram = await this.#log.stored(`${community}-histogram`);
    try { return await this.#core.set(histogram); } catch (error) {
      if (['core-failed', 'locked', 'browser-ed25519'].includes(error.code)) throw error;
      // Of another epoch, or not what the log's key signed: then nothing is known.
      return this.#core.set(null);
    }
  }

  present({ address, tier = null, asShown = null, acceptPolicy = false, acceptIssuer = false, smallestSet: smallest = smallestSet }) {
    return this.#noting({ kind: 'sign-in' }, async (about) => {
      const { shown, url, policy, tiers } = await this.#readOffer(address, about);
      if (!shown.hasCredential) throw new Failure('credential-none');
      if (shown.issuerBefore && !acceptIssuer) throw new Failure('issuer-changed', { before: shown.issuerBefore });
      const asked = tier === null ? tiers[0] : tiers.find((one) => one.name === tier);
      if (!asked) throw new Failure('tier-unknown');
      const verdict = await this.#answer(jsonBytes(asked.request), {
        audience: shown.audience, community: shown.community, policy, acceptPolicy, smallest, isSignIn: true, url, asShown,
        pinned: () => { this.#audiences()[shown.audience] = { issuer: shown.issuer, forum: shown.forum, time: this.#now() }; },
      });
      if (verdict.verdict !== 'accepted' || !/^[0-9A-Z]{4}-[0-9A-Z]{4}$/.test(verdict.code)) throw new Failure('answer-malformed');
      this.#appeals.forgetBan(shown);
      await this.#note({ ...about, origin: shown.communityName, tier: asked.name, result: 'accepted' });
      return { verdict: 'accepted', code: verdict.code };
    });
  }

  // What did not come to an answer is the holder's to look up, and nobody else's to know.

  /** Runs something that answers somebody, and notes why it did not. `body` fills in whom it is about. */
  #noting(about, body) {
    return this.#run(async () => {
      try { return await body(about); } catch (error) {
        const refusal = refusalOf(error);
        // What could not be noted as well changes nothing about it.
        if (refusal) await this.#note({ ...about, ...refusal }).catch(() => {});
        throw error;
      }
    });
  }

  /** An entry of the history; a refusal that was noted a moment ago is not noted again. */
  async #note(entry) {
    const time = this.#now();
    const [last] = this.#vault.history();
    if (entry.result === 'refused' && last && time - last.time < sameFor && Object.entries(entry).every(([name, value]) => last[name] === value)) return;
    await this.#vault.remember({ time, ...entry });
  }

  declined({ kind, community, forum, issuer, what }) {
    return this.#run(() => this.#note({ kind, community, forum, issuer, what, result: 'declined' }));
  }

  // Other requests.

  async #fetchRequest({ service, audience, nonce }, about) {
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
    const known = this.#audiences()[audience] ?? { issuer: this.#log.data.services[community] ?? null };
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

  readRequest({ service, audience, nonce }) {
    return this.#noting({ kind: 'answer' }, async (about) => {
      const { origin, request, policy, community, forum, isSigned, issuerBefore } = await this.#fetchRequest({ service, audience, nonce }, about);
      const shown = { service: origin, forum, isSigned, issuerBefore, community, communityName: null, audience, mustFetch: null, smallest: smallestSet, policyNow: [] };
      shown.mustFetch = await this.#lay(community, shown);
      if (policy) shown.policyNow = this.#forms(policy, audience);
      const { told, ...read } = await this.#read(request, audience, { isSignIn: false, community, mustFetch: shown.mustFetch });
      about.what = read.kind;
      if (read.unanswered) await this.#note({ ...about, ...refusalOf(new Failure(read.unanswered)) });
      const subject = read.scopes.find(({ purpose }) => purpose === 'act')?.subject ?? null;
      const withAccount = read.scopes.some(({ purpose }) => purpose === 'account');
      return { ...shown, policyChanged: read.refusal === 'policy-changed', subject, withAccount, ...read };
    });
  }

  answer({ service, audience, nonce, asShown = null, acceptPolicy = false, acceptIssuer = false, smallestSet: smallest = smallestSet }) {
    return this.#noting({ kind: 'answer' }, async (about) => {
      const { origin, request, policy, community, forum, isSigned, issuerBefore } = await this.#fetchRequest({ service, audience, nonce }, about);
      if (issuerBefore && !acceptIssuer) throw new Failure('issuer-changed', { before: issuerBefore });
      const verdict = await this.#answer(request, {
        audience, community, policy, acceptPolicy, smallest, isSignIn: false, url: `${origin}/v1/audiences/${audience}/presentations`, about, asShown,
        // Only a name that was signed is known later.
        pinned: () => { this.#audiences()[audience] = { issuer: origin, forum: isSigned ? forum : null, time: this.#now() }; },
      });
      if (verdict.verdict !== 'accepted') throw new Failure('answer-malformed');
      if (about.what === 'sign-in') this.#appeals.forgetBan({ audience, community });
      await this.#note({ ...about, result: 'accepted' });
      return verdict;
    });
  }

  /**
   * Answers a request: the copy; what the other told of the log; what is pinned; the size of the set; the ticket; the proof. The wallet is on the disk before each step that
   * could be seen.
   */
  async #answer(request, { audience, community, policy, acceptPolicy, smallest, isSignIn, url, pinned, about = {}, asShown = null }) {
    await this.#ready(community);
    const { told, kind, asShown: isNow } = await this.#read(request, audience, { isSignIn, community, mustFetch: null });
    if (!isSignIn) about.what = kind;
    if (kind === null) throw new Failure('scope-combination');
    if (asShown !== null && asShown !== isNow) throw new Failure('request-changed');
    if (told !== null) await this.#log.hear(community, told);
    this.#core.pin(policy, acceptPolicy, this.#now());
    const { members } = await this.#set(community);
    if (members < smallest) throw new Failure('anonymity-set-too-small', { members });
    pinned();
    await this.#vault.save();
    await this.#reserveTicket(community);
    const telling = this.#core.told(told === null ? null : utf8.encode(told));
    this.#progress({ step: 'prove', done: 0, total: 1 });
    const body = this.#core.prove(telling, this.#now());
    await ownTask();
    this.#progress({ step: 'send' });
    try { return await this.#net.json(url, { body }); } catch (error) {
      if (error.code === 'banned') error.detail.ban = await this.#appeals.noteBan({ service: new URL(url).origin, audience, community }, error.detail);
      throw error;
    }
  }

  /** A community at hand with its copy as it is while that is new enough and holds the leaf, else fetched. Throws `log-fork`. */
  async #ready(community) {
    if (await this.#lay(community, {}) !== null) await this.#refresh(community, this.#service(community));
    this.#log.refuseFork(community);
  }

  /** Takes a ticket, where the request wants one. The set of spent ones is that of the last fetch, unless it is of another epoch or older than the wallet. */
  async #reserveTicket(community) {
    let ticket;
    try { ticket = await this.#core.reserveTicket(await this.#log.stored(`${community}-spent`)); } catch (error) {
      if (!['spent-unknown', 'spent-set-other'].includes(error.code)) throw error;
      await this.#fetchSpent(community, this.#service(community), this.#core.copyState().epoch);
      ticket = await this.#core.reserveTicket(await this.#log.stored(`${community}-spent`));
    }
    if (ticket !== null) await this.#vault.save();
  }

  // Appeals.

  /** Also while another operation waits for a service. */
  async appeals() { return this.#appeals.list(); }

  appeal(said) { return this.#run(() => this.#appeals.send(said)); }

  forgetAppeal(which) { return this.#run(() => this.#appeals.forget(which)); }

  // Renewals, top-ups, restoring: by the whole log.

  /** The community at hand, its copy at the newest checkpoint, and the log behind it read; goes on to leaves that have come into it since. */
  async #settled(community, service) {
    await this.#refresh(community, service);
    this.#log.refuseFork(community);
    await this.#log.read(service);
    const settled = this.#core.settle();
    if (settled.renewed + settled.toppedUp > 0) {
      this.#log.lookAgain(community);
      await this.#vault.save();
    }
    return settled;
  }

  #newest(community) { return this.#core.content().credentials.find((one) => one.community === community && one.newest) ?? null; }

  /** Goes on with the renewal of the newest credential as far as it goes; may be cut off anywhere and called again. */
  renew({ community }) {
    return this.#run(async () => {
      const service = this.#service(community);
      const told = (state) => ({ state, epoch: this.#newest(community)?.epoch ?? null });
      try {
        const settled = await this.#settled(community, service);
        if (settled.renewed > 0) {
          await this.#vault.remember({ time: this.#now(), kind: 'renew', community, epoch: told('renewed').epoch });
          return told('renewed');
        }
        this.#progress({ step: 'prove', done: 0, total: 1 });
        const { state, body } = this.#core.beginRenewal();
        if (state !== 'send') return told(state);
        await this.#vault.save();
        this.#progress({ step: 'send' });
        await this.#core.finishRenewal(await this.#net.bytes(`${service}/v1/renewals`, { body }));
        await this.#vault.save();
        return told('waiting');
      } finally {
        this.#close();
      }
    });
  }

  /** Goes on with a top-up of the newest credential as far as it goes; may be cut off anywhere and called again. */
  topUp({ community, code = null, service: given = null }) {
    return this.#run(async () => {
      if (!this.#newest(community)) throw new Failure('credential-none');
      const service = given === null ? this.#service(community) : serviceOrigin(given);
      try {
        for (let attempts = 3; ; attempts -= 1) {
          this.#core.openCommunity(community);
          const before = this.#core.topUpQuestion(code).state;
          const settled = await this.#settled(community, service);
          if (settled.toppedUp > 0 && before !== 'new') return { state: 'topped-up' };
          const { state, body: question } = this.#core.topUpQuestion(code);
          if (state === 'taken') return { state: 'waiting' };
          try {
            const offer = await this.#net.bytes(`${service}/v1/top-ups/offer`, { body: question });
            this.#progress({ step: 'prove', done: 0, total: 1 });
            const body = this.#core.beginTopUp(code, offer);
            await this.#vault.save();
            this.#progress({ step: 'send' });
            await this.#core.finishTopUp(await this.#net.bytes(`${service}/v1/top-ups`, { body }));
            // Who signs receipts is the community's service, wherever a link said that it is.
            this.#log.data.services[community] = service;
            const { name, attributes } = this.#newest(community);
            const { amounts } = JSON.parse(new TextDecoder().decode(offer));
            const added = attributes.map((one, place) => ({ name: one.name, amount: amounts[place] })).filter(({ amount }) => amount !== 0);
            await this.#vault.remember({ time: this.#now(), kind: 'top-up', community, origin: name, added });
            return { state: 'waiting' };
          } catch (error) {
            // Another batch came in between: the proof is made anew, for the same leaf.
            if (error.code === 'root-mismatch' && attempts > 1) continue;
            // Used by somebody else, or taken back: nothing of it will ever stand in the log.
            if (lostCodes.has(error.code)) {
              this.#core.forgetTopUp(code);
              await this.#vault.save();
            }
            throw error;
          }
        }
      } finally {
        this.#close();
      }
    });
  }

  /** Finds the wallet's credentials again, from its seed and the log. */
  restoreCredentials({ service, community }) {
    return this.#run(async () => {
      const origin = serviceOrigin(service);
      if (!hexId.test(community)) throw new Failure('community-id');
      try {
        await this.#log.open(community, await this.#net.bytes(`${origin}/log/community.json`));
        this.#log.refuseFork(community);
        await this.#log.update(community, origin);
        await this.#log.read(origin);
        const found = this.#core.restore();
        if (found > 0) this.#log.data.services[community] = origin;
        await this.#vault.save();
        // Again with the credential in the wallet: buckets are drawn for its leaf, and the set of spent tickets comes along.
        if (found > 0) await this.#refresh(community, origin);
        await this.#vault.remember({ time: this.#now(), kind: 'restore', community, found });
        return { found, epoch: this.#newest(community)?.epoch ?? null };
      } finally {
        this.#close();
      }
    });
  }

  /** What was read of the log is large. */
  #close() {
    try { this.#core.closeReading(); } catch { /* There is no community at hand. */ }
  }
}
