/* Folds Vietnamese text so that it can be compared without diacritics and case. */
this.nd47 = this.nd47 || {};
this.nd47.fold = function (text) {
  'use strict';
  return text.normalize('NFD').replace(/[\u0300-\u036f]/g, '').replace(/[đĐ]/g, 'd').toLowerCase();
};

/* Says whether a text holds every word of a query. */
this.nd47.matches = function (text, query) {
  'use strict';
  var folded = this.fold(text);
  return this.fold(query).split(/\s+/).every(function (word) { return folded.indexOf(word) >= 0; });
};
