// Loads the page again once a wallet answered, in whatever window, or the time is over. Without it the member follows a link.
"use strict";
const { state: shown, path } = document.currentScript.dataset;
const ask = async () => {
  try {
    const answer = await fetch(path + "/state", { cache: "no-store" });
    if (answer.ok && (await answer.json()).state !== shown) return location.replace(path);
  } catch {
    // The network comes back, or it does not.
  }
  // Not while somebody fills in the form: what was typed stays.
  setTimeout(ask, document.hidden ? 10000 : 2000);
};
setTimeout(ask, 2000);
