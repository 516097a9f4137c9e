// A request and its answer, whoever asks: what its holder is told, why the wallet does not answer, and the steps from the copy of the tree to what is sent.
import { Failure } from './failure.js';

/** Members who could give the same answer, below which the wallet gives none, unless said otherwise. */
export const smallestSet = 5;
const utf8 = new TextEncoder();

/** What an answer would do: a ticket, an act or a sign-in; null for what nobody but the community itself asks. */
function kindOf({ scopes, tickets }) {
  if (tickets !== undefined) return 'post';
  return ['act', 'sign-in'].find((kind) => scopes.some(({ purpose }) => purpose === kind)) ?? null;
}

/** What follows is a task of its own: a worker that is ended while it computes finishes the task first, in browsers, and what it sends in the same task goes out. */
const ownTask = () => new Promise((resolve) => { setTimeout(resolve); });

export class Answering {
  #core;
  #vault;
  #net;
  #log;
  #published;
  #appeals;
  #now;
  #progress;

  constructor({ core, vault, net, log, published, appeals, now, progress }) {
    [this.#core, this.#vault, this.#net, this.#log] = [core, vault, net, log];
    [this.#published, this.#appeals, this.#now, this.#progress] = [published, appeals, now, progress];
  }

  /** What a published policy lets an audience ask, as text. */
  forms(policy, audience) {
    return this.#core.readPolicy(policy, audience).forms.map((form) => {
      const parts = [...form.predicates ?? [], ...(form.disclose ?? [])];
      return parts.length > 0 ? parts.join(', ') : form.purposes.join(', ');
    });
  }

  /** A request at hand, as its holder is told of it. */
  async read(request, audience, { isSignIn, community, mustFetch }) {
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

  /**
   * Answers a request: the copy; what the other told of the log; what is pinned; the size of the set; the ticket; the proof. The wallet is on the disk before each step that
   * could be seen.
   */
  async answer(request, { audience, community, policy, acceptPolicy, smallest, isSignIn, url, pinned, about = {}, asShown = null }) {
    await this.#published.ready(community);
    const { told, kind, asShown: isNow } = await this.read(request, audience, { isSignIn, community, mustFetch: null });
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

  /** Takes a ticket, where the request wants one. The set of spent ones is that of the last fetch, unless it is of another epoch or older than the wallet. */
  async #reserveTicket(community) {
    let ticket;
    try { ticket = await this.#core.reserveTicket(await this.#log.stored(`${community}-spent`)); } catch (error) {
      if (!['spent-unknown', 'spent-set-other'].includes(error.code)) throw error;
      await this.#published.fetchSpent(community, this.#published.service(community), this.#core.copyState().epoch);
      ticket = await this.#core.reserveTicket(await this.#log.stored(`${community}-spent`));
    }
    if (ticket !== null) await this.#vault.save();
  }
}
