// The wallet's WebAssembly module, function by function. No network and no storage. Ids are hex, texts of other parties `Uint8Array`s as they came, times
// seconds since 1970. Whatever does not hold throws a `Failure` with the code of the Swift error; `core-failed` says that the module itself gave up, and closes it.
//
//   Core.load(source, startHelp)         source: a Response, bytes, or a WebAssembly.Module; startHelp({module, shared}) starts a worker that serves it (helper.js)
//   newPhrase() -> 24 words              create(phrase, restoredAt|null)          open(stateBytes)
//   state() -> Uint8Array, to be wiped   phrase() -> 24 words                     close(): all of its memory is overwritten; open or create begin again
//   prepare(): what presentations need, before one is asked for
//   content() -> {credentials: [{community, name, epoch, newest, attributes: [{name, kind, value}], renewing, "topping-up", issued?, "promised-by"?}],
//                 pending: [{community, name}], "restored-at"?}
// The community at hand, and the light copy of its tree:
//   openCommunity(id, json|null) -> name     openCopy(bytes)     copyBytes() -> Uint8Array
//   copyState() -> {} or {size, epoch, leaves, time, note, whole, held?}      held: whether the newest credential's leaf is in it
//   await checkNote(note)                     verifies the log key's signatures; notes that go anywhere else went through this
//   beginUpdate(note, seen: [note], afresh)   wanted(limit) -> {files: [{name, length, full?}], more}     take(name, bytes)
//   finishUpdate() -> bool                    true: buckets were drawn, and the update goes on
//   standing(note) -> {standing: "contained" | "open" | "contradicts", fork?}     told(note|null) -> Uint8Array|null
// A claim:
//   beginClaim(code) -> body to send     await finishClaim(receipt)     forgetClaim(code)
// The request at hand:
//   openRequest(request, audience, isSignIn) -> {community, name, epoch, audience, expires, nonce, scopes, message?, tickets?, disclosed: [{name, value}],
//                                                predicates: [text], checkpoint?}
//   refusal(now) -> null or {code, predicate?}     await set(histogram|null) -> {members, minimum}     readPolicy(json, audience) -> its JSON
//   pin(policy|null, isAccepted, now)     await reserveTicket(spent|null) -> number|null     prove(told|null, now) -> body to send
// An appeal against a ban; there is no request:
//   proveAppeal(audience, text in UTF-8) -> body to send
// The whole log of the community at hand, to the copy's checkpoint:
//   beginReading()     bundles(limit) -> {bundles: [{name, full?}], more}     takeBundle(bytes, isFull): in order     closeReading()
// and when all is read:
//   restore() -> how many credentials were found     settle() -> {renewed, toppedUp}: goes on to leaves that stand in the log
//   beginRenewal() -> {state: "current"} | {state: "waiting"} | {state: "send", body}     await finishRenewal(receipt)
// A top-up, of a code or (null) the one that was begun; with the copy alone:
//   topUpQuestion(code|null) -> {state: "new" | "begun" | "taken", body: to send unless it is taken}     beginTopUp(code|null, offer) -> body to send     await finishTopUp(receipt)     forgetTopUp(code|null)
import { Failure } from './failure.js';
import { Helper } from './helper.js';

const utf8 = new TextEncoder();
const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Bytes of a call at most, as in Session.swift. */
const greatestRoom = 2 ** 27;

const empty = new Uint8Array(0);

/** The 32 bytes of an id in hex; none for what is not one, which the module refuses. */
export function idBytes(hex) {
  if (typeof hex !== 'string' || !/^[0-9a-f]{64}$/.test(hex)) return empty;
  return Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
}

function number32(value) {
  const field = new Uint8Array(4);
  new DataView(field.buffer).setUint32(0, value, true);
  return field;
}

function time64(value) {
  if (!Number.isSafeInteger(value) || value < 0) throw new Failure('call-malformed');
  const field = new Uint8Array(8);
  new DataView(field.buffer).setBigUint64(0, BigInt(value), true);
  return field;
}

/** Numbers of four bytes each. */
function numbers(bytes) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: bytes.length / 4 }, (_, at) => view.getUint32(4 * at, true));
}

const flag = (value) => Uint8Array.of(value ? 1 : 0);
const parsed = (bytes) => JSON.parse(text.decode(bytes));

/** Whether an Ed25519 signature holds. What is no key or no signature does not hold; a browser without Ed25519 is another matter. */
async function holds({ key, message, signature }) {
  let imported;
  try {
    imported = await crypto.subtle.importKey('raw', key, { name: 'Ed25519' }, false, ['verify']);
  } catch (error) {
    if (error?.name === 'NotSupportedError') throw new Failure('browser-ed25519');
    return false;
  }
  return crypto.subtle.verify({ name: 'Ed25519' }, imported, signature, message);
}

export class Core {
  #module;
  #wasm = null;
  #session = 0;
  #startHelp;
  #helper = null;

  constructor(module, startHelp) {
    this.#module = module;
    this.#startHelp = startHelp;
  }

  static async load(source, startHelp = null) {
    if (source instanceof WebAssembly.Module) return new Core(source, startHelp);
    return new Core(await WebAssembly.compile(source instanceof Response ? await source.arrayBuffer() : source), startHelp);
  }

  // Calls.

  #begin() {
    if (this.#wasm) return;
    const env = {
      fill_random: (at, count) => {
        const room = new Uint8Array(this.#wasm.memory.buffer, at >>> 0, count >>> 0);
        // Browsers give 64 KiB at a time.
        for (let start = 0; start < room.length; start += 65536) crypto.getRandomValues(room.subarray(start, start + 65536));
      },
      help_begin: (...given) => this.#helper?.begin(...given) ?? 0,
      help_end: (...given) => this.#helper?.end(...given) ?? 0,
    };
    this.#wasm = new WebAssembly.Instance(this.#module, { env }).exports;
    this.#session = this.#wasm.session();
  }

  /** Does what every presentation needs before one is asked for, some 0.2 s, and starts a second worker for its sums. Nothing when no wallet is open. */
  prepare() {
    if (!this.#wasm || this.#helper) return;
    const start = this.#startHelp;
    this.#helper = Helper.start(() => this.#wasm.memory.buffer, start && ((shared) => start({ module: this.#module, shared })));
    try { this.#wasm.prepare(); } catch { this.close(); }
  }

  /** Overwrites all memory of the module and lets go of it. */
  close() {
    if (!this.#wasm) return;
    const { memory } = this.#wasm;
    this.#wasm = null;
    this.#helper?.close();
    this.#helper = null;
    new Uint8Array(memory.buffer).fill(0);
  }

  /** Calls a function with fields; what it answers, as bytes of one's own. */
  #call(name, ...fields) {
    if (!this.#wasm) throw new Failure('locked');
    const total = fields.reduce((sum, field) => sum + 4 + field.length, 0);
    if (total > greatestRoom) throw new Failure('call-too-large');
    const wasm = this.#wasm;
    let status, answer;
    try {
      let at = wasm.room(this.#session, total) >>> 0;
      if (total > 0) {
        const view = new DataView(wasm.memory.buffer);
        const bytes = new Uint8Array(wasm.memory.buffer);
        for (const field of fields) {
          view.setUint32(at, field.length, true);
          bytes.set(field, at + 4);
          at += 4 + field.length;
        }
      }
      status = wasm[name](this.#session);
      const length = wasm.answer_length(this.#session);
      answer = new Uint8Array(wasm.memory.buffer, wasm.answer(this.#session) >>> 0, length).slice();
      wasm.wipe(this.#session);
    } catch (error) {
      // It is in an unknown state: what is on the disk is opened again by whoever wants it.
      this.close();
      throw new Failure('core-failed', { what: String(error?.message ?? error) });
    }
    if (status === 0) return answer;
    const { code, ...detail } = parsed(answer);
    throw new Failure(code, detail);
  }

  /** Calls with texts that are wiped afterwards. */
  #callSecretly(name, first, ...fields) {
    try { return this.#call(name, first, ...fields); } finally { first.fill(0); }
  }

  #readSecretly(name) {
    const bytes = this.#call(name);
    try { return text.decode(bytes); } finally { bytes.fill(0); }
  }

  /** Verifies the signatures that a function says are needed. */
  async #verify(name, code, ...fields) {
    const bytes = this.#call(name, ...fields);
    const view = new DataView(bytes.buffer);
    const checks = [];
    for (let at = 0; at < bytes.length;) {
      const parts = [];
      for (let part = 0; part < 3; part += 1) {
        const length = view.getUint32(at, true);
        parts.push(bytes.subarray(at + 4, at + 4 + length));
        at += 4 + length;
      }
      checks.push({ key: parts[0], message: parts[1], signature: parts[2] });
    }
    if (checks.length === 0) throw new Failure(code);
    for (const check of checks) if (!await holds(check)) throw new Failure(code);
  }

  // The wallet.

  newPhrase() {
    this.#begin();
    return this.#readSecretly('phrase_new');
  }

  create(phrase, restoredAt = null) {
    this.close();
    this.#begin();
    this.#callSecretly('wallet_create', utf8.encode(phrase), restoredAt === null ? empty : time64(restoredAt));
  }

  /** `state` stays the caller's to wipe. */
  open(state) {
    this.close();
    this.#begin();
    this.#call('wallet_open', state);
  }

  state() { return this.#call('wallet_state'); }
  phrase() { return this.#readSecretly('wallet_phrase'); }
  content() { return parsed(this.#call('wallet_content')); }

  // The community at hand.

  openCommunity(id, json = null) { return text.decode(this.#call('community_open', idBytes(id), json ?? empty)); }
  openCopy(bytes) { this.#call('copy_open', bytes); }
  copyBytes() { return this.#call('copy_encoded'); }
  copyState() { return parsed(this.#call('copy_state')); }
  async checkNote(note) { await this.#verify('note_checks', 'note-signature', note); }
  beginUpdate(note, seen = [], afresh = false) { this.#call('update_begin', flag(afresh), note, number32(seen.length), ...seen); }
  wanted(limit) { return parsed(this.#call('update_wanted', number32(limit))); }
  take(name, bytes) { this.#call('update_take', utf8.encode(name), bytes); }
  finishUpdate() { return this.#call('update_finish')[0] === 1; }
  standing(note) { return parsed(this.#call('copy_standing', note)); }

  told(note = null) {
    const told = this.#call('copy_told', note ?? empty);
    return told.length > 0 ? told : null;
  }

  // A claim.

  beginClaim(code) { return this.#callSecretly('claim_begin', utf8.encode(code)); }
  forgetClaim(code) { this.#callSecretly('claim_forget', utf8.encode(code)); }

  async finishClaim(receipt) {
    await this.#verify('claim_checks', 'receipt-signature', receipt);
    this.#call('claim_finish', receipt);
  }

  // The request at hand.

  openRequest(request, audience, isSignIn) { return parsed(this.#call('request_open', request, idBytes(audience), flag(isSignIn))); }

  refusal(now) {
    const refusal = parsed(this.#call('request_refusal', time64(now)));
    return refusal.code ? refusal : null;
  }

  async set(histogram = null) {
    if (histogram) await this.#verify('histogram_checks', 'histogram-signature', histogram);
    return parsed(this.#call('request_set', histogram ?? empty));
  }

  readPolicy(json, audience) { return parsed(this.#call('policy_read', json, idBytes(audience))); }
  pin(policy, isAccepted, now) { this.#call('request_pin', policy ?? empty, flag(isAccepted), time64(now)); }

  async reserveTicket(spent = null) {
    if (spent) await this.#verify('spent_checks', 'spent-set-signature', spent);
    const ticket = this.#call('request_ticket', spent ?? empty);
    return ticket.length === 4 ? new DataView(ticket.buffer).getUint32(0, true) : null;
  }

  prove(told, now) { return this.#call('request_prove', told ?? empty, time64(now)); }

  proveAppeal(audience, said) { return this.#call('appeal_prove', idBytes(audience), said); }

  // The whole log.

  beginReading() { this.#call('reading_begin'); }
  bundles(limit) { return parsed(this.#call('reading_wanted', number32(limit))); }
  takeBundle(bytes, isFull) { this.#call('reading_take', bytes, flag(isFull)); }
  closeReading() { this.#call('reading_close'); }
  restore() { return numbers(this.#call('restore'))[0]; }

  settle() {
    const [renewed, toppedUp] = numbers(this.#call('settle'));
    return { renewed, toppedUp };
  }

  // Renewals and top-ups.

  beginRenewal() {
    const answer = this.#call('renewal_begin');
    const state = ['current', 'waiting', 'send'][answer[0]];
    return state === 'send' ? { state, body: answer.subarray(1) } : { state };
  }

  async finishRenewal(receipt) {
    await this.#verify('renewal_checks', 'receipt-signature', receipt);
    this.#call('renewal_finish', receipt);
  }

  topUpQuestion(code = null) {
    const answer = this.#callSecretly('top_up_question', code === null ? new Uint8Array(0) : utf8.encode(code));
    return { state: ['new', 'begun', 'taken'][answer[0]], body: answer.subarray(1) };
  }

  beginTopUp(code, offer) { return this.#callSecretly('top_up_begin', code === null ? new Uint8Array(0) : utf8.encode(code), offer); }
  forgetTopUp(code = null) { this.#callSecretly('top_up_forget', code === null ? new Uint8Array(0) : utf8.encode(code)); }

  async finishTopUp(receipt) {
    await this.#verify('top_up_checks', 'receipt-signature', receipt);
    this.#call('top_up_finish', receipt);
  }
}
