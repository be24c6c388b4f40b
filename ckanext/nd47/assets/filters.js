/* The facets of a list: a box that finds values in any spelling, and facets that are open on a desk.
 * The document listens to the box, so that it works in parts of the page that are loaded later too. */
(function () {
  'use strict';
  var DESK = '(min-width: 768px)';

  function facetOf(box) { return box.closest('[data-nd47-facet]'); }

  /* A list shows its most frequent values at first; the others come with the first letter. */
  function loadAll(facet) {
    var more = facet.querySelector('[data-nd47-all]');
    if (!more || facet.dataset.nd47Asked) { return Promise.resolve(); }
    facet.dataset.nd47Asked = 'true';
    return fetch(more.href, { credentials: 'same-origin' })
      .then(function (answer) { return answer.text(); })
      .then(function (text) {
        var list = facet.querySelector('ul');
        var all = new DOMParser().parseFromString(text, 'text/html').getElementById(list.id);
        if (!all) { return; }
        list.replaceWith(document.importNode(all, true));
        more.parentNode.hidden = true;
        if (window.htmx) { window.htmx.process(facet); }
      })
      // Without an answer, the values of the page are searched.
      .catch(function () {});
  }

  function filter(facet, query) {
    var fits = 0;
    facet.querySelectorAll('li').forEach(function (item) {
      var label = item.querySelector('.item-label').textContent;
      item.hidden = Boolean(query.trim()) && !window.nd47.match(label, query);
      if (!item.hidden) { fits += 1; }
    });
    var nothing = facet.querySelector('[data-nd47-nothing]');
    nothing.textContent = fits ? '' : nothing.dataset.nd47Nothing;
  }

  document.addEventListener('input', function (event) {
    if (!event.target.matches('.nd47-facet-find input')) { return; }
    var facet = facetOf(event.target);
    filter(facet, event.target.value);
    loadAll(facet).then(function () { filter(facet, event.target.value); });
  });

  // Enter chooses the first value that fits, as in other boxes with a list.
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Enter' || !event.target.matches('.nd47-facet-find input')) { return; }
    event.preventDefault();
    var first = facetOf(event.target).querySelector('li:not([hidden]) a');
    if (event.target.value.trim() && first) { first.click(); }
  });

  /* Browsers that cannot show a closed part by its style alone. */
  function unfold() {
    if (!window.matchMedia(DESK).matches) { return; }
    document.querySelectorAll('.nd47-filters-fold').forEach(function (fold) { fold.open = true; });
  }
  if (!window.CSS || !CSS.supports('selector(::details-content)')) {
    document.addEventListener('DOMContentLoaded', unfold);
    document.addEventListener('htmx:afterSettle', unfold);
    if (document.readyState !== 'loading') { unfold(); }
  }
})();
