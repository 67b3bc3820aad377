(() => {
  for (const input of document.querySelectorAll("[data-filter]")) {
    const holder = document.getElementById(input.dataset.filter);
    const told = input.parentElement.querySelector("output");
    const all = [...holder.querySelectorAll("[data-words]")].map((one) => [one, (one.dataset.words || one.textContent).toLowerCase()]);
    input.closest(".filter").hidden = false;
    input.oninput = () => {
      const wanted = input.value.trim().toLowerCase();
      let shown = 0;
      for (const [one, words] of all) {
        one.hidden = wanted !== "" && !words.includes(wanted);
        shown += one.hidden ? 0 : 1;
      }
      told.textContent = wanted ? shown + " of " + all.length : "";
      if (wanted) holder.querySelectorAll("details.more").forEach((one) => { one.open = true; });
    };
  }
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
})();
