// The server renders the page. This script fetches it again and replaces the old content.
"use strict";
const lost = document.getElementById("lost");
const serverTime = () => document.querySelector("main .about time")?.textContent ?? "the start of this page";
async function refresh() {
  try {
    const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.title = page.title;
    lost.hidden = true;
  } catch (e) {
    lost.textContent = "The collector has not answered since " + serverTime() + ". The data shown is old.";
    lost.hidden = false;
    document.title = "no answer – collector";
  }
  setTimeout(refresh, 2000);
}
setTimeout(refresh, 2000);
