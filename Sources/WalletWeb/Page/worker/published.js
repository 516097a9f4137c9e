// What is published of a community, as the wallet keeps it: the tree, the histogram, the set of spent tickets. Fetched together and on a schedule; a presentation
// uses what is there as long as it is new enough.
import { Failure } from './failure.js';
import { serviceOrigin } from './net.js';

/** Seconds that a copy is good for without a fetch. */
const freshFor = 45 * 60;
const greatestHistogram = 2 ** 22;
const greatestSpent = 128 + (2 ** 22 / 8) * 23;

export class Published {
  #core;
  #vault;
  #net;
  #log;
  #now;

  constructor({ core, vault, net, log, now }) {
    [this.#core, this.#vault, this.#net, this.#log, this.#now] = [core, vault, net, log, now];
  }

  /** Where a community's service is. Throws `service-unknown`. */
  service(community) {
    const service = this.#log.data.services[community];
    if (!service) throw new Failure('service-unknown');
    return serviceOrigin(service);
  }

  /** The tree, and what else is published and fetched with it, so that no fetch shows when somebody presents: histogram, spent tickets, whether renewals have begun. */
  async refresh(id, service) {
    await this.#log.open(id);
    // Before the tree: whoever is counted stands in it then. One that counts more members than there are leaves is not believed.
    const histogram = await this.#net.bytes(`${service}/v1/histogram`, { limit: greatestHistogram, isOptional: true }).catch(() => null);
    const state = await this.#log.update(id, service);
    if (histogram) await this.#vault.keepCopy(`${id}-histogram`, histogram, { checked: this.#now() });
    await this.fetchSpent(id, service, state.epoch).catch(() => {});
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

  /** The set of spent tickets of an epoch. */
  async fetchSpent(id, service, epoch) {
    const spent = await this.#net.bytes(`${service}/v1/spent/${epoch}`, { limit: greatestSpent, isOptional: true });
    if (spent) await this.#vault.keepCopy(`${id}-spent`, spent, { checked: this.#now() });
  }

  /** Lays a community with its copy before the module; why it has to be fetched, null when it has not. */
  async lay(community, shown) {
    const checked = await this.#log.open(community);
    shown.communityName = this.#core.content().credentials.find((one) => one.community === community)?.name ?? null;
    if (checked === null) return 'none';
    const now = this.#now();
    // A clock that was set back makes no copy new.
    if (checked > now + 60 || checked < now - freshFor) return 'old';
    return this.#core.copyState().held ? null : 'leaf-missing';
  }

  /** A community at hand with its copy as it is while that is new enough and holds the leaf, else fetched. Throws `log-fork`. */
  async ready(community) {
    if (await this.lay(community, {}) !== null) await this.refresh(community, this.service(community));
    this.#log.refuseFork(community);
  }

  /** The newest credential of a community, or null. */
  newest(community) { return this.#core.content().credentials.find((one) => one.community === community && one.newest) ?? null; }
}
