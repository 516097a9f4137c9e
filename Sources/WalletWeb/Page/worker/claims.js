// Claims: a credential for a code.
import { Failure } from './failure.js';
import { hexId, serviceOrigin } from './net.js';

/** Refusals after which the same code will never be taken. */
export const lostCodes = new Set(['code-unknown', 'code-used']);

export class Claims {
  #core;
  #vault;
  #net;
  #log;
  #now;
  #progress;

  constructor({ core, vault, net, log, now, progress }) {
    [this.#core, this.#vault, this.#net, this.#log, this.#now, this.#progress] = [core, vault, net, log, now, progress];
  }

  /** May be cut off anywhere and called again with the same code. */
  async claim({ service, community, code }) {
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
  }
}
