// Renewals, top-ups, and credentials that come back from the words: by the whole log, because asking for some of its entries would tell whose they are.
import { lostCodes } from './claims.js';
import { Failure } from './failure.js';
import { hexId, serviceOrigin } from './net.js';

export class Growing {
  #core;
  #vault;
  #net;
  #log;
  #published;
  #now;
  #progress;

  constructor({ core, vault, net, log, published, now, progress }) {
    [this.#core, this.#vault, this.#net, this.#log] = [core, vault, net, log];
    [this.#published, this.#now, this.#progress] = [published, now, progress];
  }

  /** The community at hand, its copy at the newest checkpoint, and the log behind it read; goes on to leaves that have come into it since. */
  async #settled(community, service) {
    await this.#published.refresh(community, service);
    this.#log.refuseFork(community);
    await this.#log.read(service);
    const settled = this.#core.settle();
    if (settled.renewed + settled.toppedUp > 0) {
      this.#log.lookAgain(community);
      await this.#vault.save();
    }
    return settled;
  }

  /** Goes on with the renewal of the newest credential as far as it goes; may be cut off anywhere and called again. */
  async renew({ community }) {
    const service = this.#published.service(community);
    const told = (state) => ({ state, epoch: this.#published.newest(community)?.epoch ?? null });
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
  }

  /** Goes on with a top-up of the newest credential as far as it goes; may be cut off anywhere and called again. */
  async topUp({ community, code = null, service: given = null }) {
    if (!this.#published.newest(community)) throw new Failure('credential-none');
    const service = given === null ? this.#published.service(community) : serviceOrigin(given);
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
          const { name, attributes } = this.#published.newest(community);
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
  }

  /** Finds the wallet's credentials again, from its seed and the log. */
  async restore({ service, community }) {
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
      if (found > 0) await this.#published.refresh(community, origin);
      await this.#vault.remember({ time: this.#now(), kind: 'restore', community, found });
      return { found, epoch: this.#published.newest(community)?.epoch ?? null };
    } finally {
      this.#close();
    }
  }

  /** What was read of the log is large. */
  #close() {
    try { this.#core.closeReading(); } catch { /* There is no community at hand. */ }
  }
}
