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
import { Answering } from './answering.js';
import { Appeals } from './appeals.js';
import { Claims } from './claims.js';
import { Growing } from './growing.js';
import { Log } from './log.js';
import { Net } from './net.js';
import { Notes } from './notes.js';
import { Published } from './published.js';
import { Requests } from './requests.js';
import { SignIns } from './sign-ins.js';

export class Engine {
  #core;
  #vault;
  #log;
  #published;
  #appeals;
  #notes;
  #claims;
  #signIns;
  #requests;
  #growing;
  #line = Promise.resolve();

  constructor({ core, vault, fetch, now = () => Math.floor(Date.now() / 1000), progress = () => {} }) {
    [this.#core, this.#vault] = [core, vault];
    // Each has what those before it know.
    const parts = { core, vault, net: new Net(fetch), now, progress };
    parts.log = this.#log = new Log(parts);
    parts.published = this.#published = new Published(parts);
    parts.notes = this.#notes = new Notes(parts);
    parts.appeals = this.#appeals = new Appeals(parts);
    parts.answering = new Answering(parts);
    this.#claims = new Claims(parts);
    this.#signIns = new SignIns(parts);
    this.#requests = new Requests(parts);
    this.#growing = new Growing(parts);
  }

  /** One after the other: the module has one community and one request at hand. */
  #run(body) {
    const result = this.#line.then(body);
    this.#line = result.catch(() => {});
    return result;
  }

  claim(args) { return this.#run(() => this.#claims.claim(args)); }

  offer(args) { return this.#run(() => this.#signIns.offer(args)); }
  present(args) { return this.#run(() => this.#signIns.present(args)); }

  readRequest(args) { return this.#run(() => this.#requests.read(args)); }
  answer(args) { return this.#run(() => this.#requests.answer(args)); }

  declined({ kind, community, forum, issuer, what }) {
    return this.#run(() => this.#notes.note({ kind, community, forum, issuer, what, result: 'declined' }));
  }

  appeal(args) { return this.#run(() => this.#appeals.send(args)); }
  forgetAppeal(args) { return this.#run(() => this.#appeals.forget(args)); }

  renew(args) { return this.#run(() => this.#growing.renew(args)); }
  topUp(args) { return this.#run(() => this.#growing.topUp(args)); }
  restoreCredentials(args) { return this.#run(() => this.#growing.restore(args)); }

  sync({ community = null } = {}) {
    return this.#run(async () => {
      const { credentials, pending } = this.#core.content();
      const all = new Set([...credentials, ...pending].map((one) => one.community));
      const communities = [];
      for (const id of community === null ? all : [community]) {
        const one = { community: id, checked: null, leaves: null, epoch: null, error: null };
        try {
          const state = await this.#published.refresh(id, this.#published.service(id));
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

  // What there is: also while another operation waits for a service.

  async appeals() { return this.#appeals.list(); }

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
}
