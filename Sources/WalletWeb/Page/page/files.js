/**
 * Names and integrity of the files that the page fetches by itself. Scripts/assemble-wallet puts them here:
 * `{version, module: {url, integrity}, worker: {…}, messages: {en: {…}, 'zh-Hant': {…}}}`.
 */
export const files = {};
