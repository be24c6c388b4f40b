/* A button that opens or closes all sections of a page at once. */
document.querySelectorAll('[data-nd47-details]').forEach(function (root) {
  'use strict';
  var parts = Array.from(root.querySelectorAll('details'));
  var button = root.querySelector('[data-nd47-details-all]');
  if (parts.length < 2) { return; }
  button.hidden = false;

  function allOpen() { return parts.every(function (part) { return part.open; }); }
  function name() {
    button.textContent = allOpen() ? button.dataset.nd47Close : button.dataset.nd47Open;
  }
  button.addEventListener('click', function () {
    var open = !allOpen();
    parts.forEach(function (part) { part.open = open; });
    name();
  });
  parts.forEach(function (part) { part.addEventListener('toggle', name); });
});
