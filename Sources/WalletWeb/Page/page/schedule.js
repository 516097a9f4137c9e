// Copies of the communities' trees follow a schedule, never a presentation: at random times, at most 45 minutes apart while this page is open.

const longest = 45 * 60;

/** Seconds from `least` to `most`, at random. */
function between(least, most) {
  return least + (most - least) * (crypto.getRandomValues(new Uint32Array(1))[0] / 2 ** 32);
}

export class Schedule {
  #timer = null;
  #run;

  /** `run`: fetches, and returns a promise. */
  constructor(run) {
    this.#run = run;
  }

  get isOn() { return this.#timer !== null; }

  /** Begins, some minutes from now: what was opened is not what is fetched for. */
  start() {
    if (!this.isOn) this.#wait(between(60, longest / 3));
  }

  #wait(seconds) {
    this.#timer = setTimeout(async () => {
      try { await this.#run(); } catch { /* Next time. */ }
      if (this.isOn) this.#wait(between(longest / 2, longest - 60));
    }, seconds * 1000);
  }

  stop() {
    clearTimeout(this.#timer);
    this.#timer = null;
  }
}
