// The page's sentences in a language, with numbers and times as that language writes them.
import { files } from './files.js';

const chosenPlace = 'symbolon.language';

/** Languages there are, by what they call themselves. */
export const languages = { en: 'English', 'zh-Hant': '繁體中文' };

/** What the member chose, else the first that the browser prefers. */
function preferred() {
  const chosen = readChoice();
  if (chosen) return chosen;
  for (const wanted of navigator.languages ?? []) {
    const language = wanted.toLowerCase();
    // Those who read simplified characters are better served by traditional ones than by English.
    if (language.startsWith('zh')) return 'zh-Hant';
    if (language.startsWith('en')) return 'en';
  }
  return 'en';
}

function readChoice() {
  try {
    const chosen = localStorage.getItem(chosenPlace);
    return Object.hasOwn(languages, chosen) ? chosen : null;
  } catch {
    return null;
  }
}

export class Words {
  #messages;
  #plural;

  constructor(language, messages) {
    this.language = language;
    this.#messages = messages;
    this.#plural = new Intl.PluralRules(language);
  }

  static async load(language = preferred()) {
    const { url, integrity } = files.messages[language];
    const response = await fetch(url, { integrity });
    if (!response.ok) throw new Error(`${url}: ${response.status}`);
    const words = new Words(language, await response.json());
    document.documentElement.lang = language;
    return words;
  }

  /** Remembers a choice of language: in the clear, because it is wanted before the wallet is open. */
  static choose(language) {
    try { localStorage.setItem(chosenPlace, language); } catch { /* It holds for this visit. */ }
  }

  static forgetChoice() {
    try { localStorage.removeItem(chosenPlace); } catch { /* There is none then. */ }
  }

  has(key) {
    return Object.hasOwn(this.#messages, key);
  }

  /** The sentence; `{name}` is filled in. Of `key.one` and `key.other` the one that fits `count`. */
  say(key, given = {}) {
    let found = key;
    if (!this.has(key) && given.count !== undefined) {
      found = `${key}.${this.#plural.select(given.count)}`;
      if (!this.has(found)) found = `${key}.other`;
    }
    const text = this.has(found) ? this.#messages[found] : key;
    return text.replace(/\{([a-z]+)\}/g, (whole, name) => (Object.hasOwn(given, name) ? this.#filled(given[name]) : whole));
  }

  /** What is filled in turns no text around: names come from others. */
  #filled(value) {
    return typeof value === 'number' ? this.number(value) : String(value).replace(/[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '');
  }

  number(value) {
    return new Intl.NumberFormat(this.language).format(value);
  }

  /** A day and a time of day, from seconds since 1970. */
  time(seconds) {
    return new Intl.DateTimeFormat(this.language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(seconds * 1000));
  }

  /** So many minutes as people say it. */
  minutes(minutes) {
    const [value, unit] = minutes % 60 === 0 && minutes > 0 ? [minutes / 60, 'hour'] : [minutes, 'minute'];
    return new Intl.NumberFormat(this.language, { style: 'unit', unit, unitDisplay: 'long' }).format(value);
  }

  join(items) {
    return new Intl.ListFormat(this.language, { type: 'conjunction' }).format(items);
  }
}
