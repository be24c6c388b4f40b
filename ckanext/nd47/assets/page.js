/* A button that opens or closes all sections of a page at once. */
this.ckan.module('nd47-details', function () {
  'use strict';
  return {
    initialize: function () {
      var parts = Array.prototype.slice.call(this.el[0].querySelectorAll('details'));
      var button = this.el[0].querySelector('[data-nd47-details-all]');
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
    }
  };
});
