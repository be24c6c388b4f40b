/* Conveniences of the pages that change many datasets; they work without. */
"use strict";

ckan.module("nd47-bulk-choose", function () {
  return {
    /* Counts the chosen datasets, and chooses all of the page. */
    initialize: function () {
      const form = this.el[0];
      const boxes = Array.from(form.querySelectorAll("input[name=dataset]"));
      const status = form.querySelector("[data-nd47-status]");
      /* `form.dataset` would be the boxes of this name. */
      const text = form.getAttribute("data-nd47-count");
      const show = () => {
        const count = boxes.filter((box) => box.checked).length;
        status.textContent = count ? text.replace("{count}", count) : "";
      };
      form.querySelector("[data-nd47-choose]").hidden = false;
      form.querySelector("[data-nd47-all]").addEventListener("click", () => {
        const choose = boxes.some((box) => !box.checked);
        boxes.forEach((box) => { box.checked = choose; });
        show();
      });
      form.addEventListener("change", show);
      show();
    },
  };
});

ckan.module("nd47-bulk-progress", function () {
  return {
    /* Asks how far the job is, and loads the page again when it has ended. */
    initialize: function () {
      const place = this.el[0];
      const address = `${place.dataset.nd47Source}?id=${encodeURIComponent(place.dataset.nd47Run)}&limit=0`;
      const ask = async () => {
        try {
          const answer = await fetch(address, { headers: { Accept: "application/json" } });
          const progress = (await answer.json()).result.progress;
          if (progress.state !== place.dataset.nd47State || progress.stalled) {
            window.location.reload();
            return;
          }
          place.querySelector("progress").value = progress.done;
          place.querySelector("[data-nd47-done]").textContent = place.dataset.nd47Text
            .replace("{done}", progress.done).replace("{total}", progress.total);
        } catch (error) {
          /* The next question may be answered. */
        }
        window.setTimeout(ask, 3000);
      };
      if (!place.querySelector("form")) {
        window.setTimeout(ask, 1500);
      }
    },
  };
});
