// The server makes the page; this fetches it again and puts its numbers in the place of the old ones.
"use strict";
const lost = document.getElementById("lost");
let heard = new Date();
async function refresh() {
  try {
    const answer = await fetch("/", { cache: "no-store", signal: AbortSignal.timeout(5000) });
    if (!answer.ok) {
      throw new Error(answer.status);
    }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    document.querySelector("main").replaceWith(page.querySelector("main"));
    document.title = page.title;
    heard = new Date();
    lost.hidden = true;
  } catch (e) {
    lost.textContent = "The collector has not answered since " + heard.toLocaleTimeString() + ". What is shown is old.";
    lost.hidden = false;
    document.title = "no answer – collector";
  }
  setTimeout(refresh, 2000);
}
setTimeout(refresh, 2000);
