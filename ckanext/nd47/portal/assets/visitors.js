/* The conveniences of visitors' pages; each page can be used without them. */
(function () {
  'use strict';

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  // The order of a list changes as soon as it is chosen.
  each('form[data-module~="select-switch"] select, [data-module~="select-switch"] select, select[data-module~="select-switch"]', function (select) {
    select.addEventListener('change', function () { select.form.submit(); });
  });

  // On a phone the filters of a list are folded away.
  each('.show-filters, .hide-filters', function (button) {
    function act(event) {
      event.preventDefault();
      document.body.classList.toggle('filters-modal', button.classList.contains('show-filters'));
    }
    // CKAN has links without an address here, which the keyboard does not reach.
    if (button.tagName === 'A' && !button.hasAttribute('href')) {
      button.setAttribute('role', 'button');
      button.tabIndex = 0;
      button.addEventListener('keydown', function (event) {
        if (event.key === 'Enter' || event.key === ' ') { act(event); }
      });
    }
    button.addEventListener('click', act);
  });

  // What opens and closes: a menu, a part of the page.
  function toggled(button) {
    var name = button.getAttribute('data-bs-target') || button.getAttribute('href') || '';
    return name.charAt(0) === '#' && name.length > 1 ? document.getElementById(name.slice(1))
      : button.parentElement.querySelector('.dropdown-menu');
  }
  function turn(button, open) {
    var part = toggled(button);
    if (!part) { return; }
    part.classList.toggle('show', open);
    button.setAttribute('aria-expanded', String(part.classList.contains('show')));
  }
  each('[data-bs-toggle="collapse"], [data-bs-toggle="dropdown"]', function (button) {
    button.addEventListener('click', function (event) {
      event.preventDefault();
      turn(button);
    });
  });
  document.addEventListener('click', function (event) {
    each('[data-bs-toggle="dropdown"][aria-expanded="true"]', function (button) {
      if (!button.contains(event.target)) { turn(button, false); }
    });
  });
  document.addEventListener('keydown', function (event) {
    if (event.key !== 'Escape') { return; }
    document.body.classList.remove('filters-modal');
    each('[data-bs-toggle="dropdown"][aria-expanded="true"]', function (button) {
      turn(button, false);
      button.focus();
    });
  });
  each('[data-bs-dismiss="alert"]', function (button) {
    button.addEventListener('click', function () { button.closest('.alert').remove(); });
  });
})();
