// What the wallet fetches: sizes and times are bounded, nothing is followed elsewhere, and nothing that the browser keeps of other visits goes along.
import { Failure } from './failure.js';

const utf8 = new TextEncoder();
const seconds = 60;
/** The last second of the year 9999: what is later, no calendar shows. */
const latest = 253402300799;
/** Bytes of an answer for which nothing else is said. */
export const greatestAnswer = 2 ** 20;

/** An id of a community or an audience. */
export const hexId = /^[0-9a-f]{64}$/;

/** Whether it is text of one line, as names of others have to be. */
export const isLine = (value, greatest) => typeof value === 'string' && value.length > 0 && value.length <= greatest && !/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/.test(value);

/**
 * The origin of a service, or of the page of a sign-in: `https`, or this machine. Nothing else is asked anything: what stands between would read what is proved.
 * Throws `service-address`.
 */
export function serviceOrigin(text) {
  let url;
  try { url = new URL(text); } catch { throw new Failure('service-address'); }
  const isLocal = ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const isPlain = url.username === '' && url.password === '' && (text === url.origin || text === `${url.origin}/`);
  if (!isPlain || !(url.protocol === 'https:' || (url.protocol === 'http:' && isLocal))) throw new Failure('service-address');
  return url.origin;
}

/** Reads a body of at most so many bytes. */
async function read(response, limit) {
  const stated = Number(response.headers.get('content-length') ?? 0);
  if (stated > limit) throw new Failure('answer-too-large');
  if (!response.body) return new Uint8Array(0);
  const reader = response.body.getReader();
  const pieces = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > limit) {
      await reader.cancel().catch(() => {});
      throw new Failure('answer-too-large');
    }
    pieces.push(value);
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** Codes that say something of this browser, and that no service can say. */
const own = /^(core|call|wallet|vault|storage|module|browser|internal|unknown|wrong|update|reading|locked$|tree-replaced$)/;

/** What a service says when it refuses: a failure with its code, and for who is banned what he is told. */
function refusal(status, bytes) {
  let problem = null;
  try { problem = JSON.parse(new TextDecoder().decode(bytes)); } catch { /* Not ours, a proxy's perhaps. */ }
  const line = (value, greatest) => (value === '' || isLine(value, greatest) ? value : null);
  const isCode = typeof problem?.code === 'string' && /^[a-z0-9-]{1,64}$/.test(problem.code) && !own.test(problem.code);
  const code = isCode ? problem.code : `http-${status}`;
  const detail = { status, refusedBy: 'service' };
  if (code === 'banned') {
    detail.reason = line(problem.reason, 1000) ?? '';
    detail.until = Number.isSafeInteger(problem.until) && problem.until >= 0 && problem.until <= latest ? problem.until : null;
    detail.signInCode = line(problem['sign-in-code'], 32);
    return new Failure(code, detail);
  }
  return new Failure(code, detail);
}

export class Net {
  #fetch;

  constructor(fetch) { this.#fetch = fetch; }

  /**
   * Bytes of an answer. `limit`: at most so many. `body`: a JSON text to post. `isOptional`: null where there is nothing (404). `keeps`: what stands under this name never
   * changes, so the browser may keep it; all else goes past its cache.
   * Throws `service-unreachable`, `answer-too-large`, and what the service says.
   */
  async bytes(url, { limit = greatestAnswer, body = null, isOptional = false, keeps = false } = {}) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), seconds * 1000);
    try {
      const response = await this.#fetch(url, {
        method: body ? 'POST' : 'GET', body: body ?? undefined, headers: body ? { 'Content-Type': 'application/json' } : {}, mode: 'cors', credentials: 'omit',
        redirect: 'error', referrerPolicy: 'no-referrer', cache: keeps ? 'default' : 'no-store', signal: controller.signal,
      });
      if (response.ok) return await read(response, limit);
      const problem = await read(response, greatestAnswer).catch(() => new Uint8Array(0));
      if (isOptional && response.status === 404) return null;
      throw refusal(response.status, problem);
    } catch (error) {
      if (error instanceof Failure) throw error;
      throw new Failure('service-unreachable', { host: new URL(url).host });
    } finally {
      clearTimeout(timer);
    }
  }

  /** An answer as JSON; throws `answer-malformed`. What comes of it is checked by who asked, value by value. */
  async json(url, options) {
    const bytes = await this.bytes(url, options);
    if (bytes === null) return null;
    try {
      const value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
      if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value;
    } catch { /* Not JSON. */ }
    throw new Failure('answer-malformed');
  }
}

/** A JSON value as the module reads it. */
export function jsonBytes(value) { return utf8.encode(JSON.stringify(value)); }
